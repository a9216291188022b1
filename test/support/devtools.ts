import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';

// No name resolves and no proxy is used, so a page that needs the internet fails as on an isolated machine.
const SWITCHES = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--no-proxy-server',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
  '--window-size=1280,900',
  '--remote-debugging-pipe',
];

/** Parameters of the events in use. */
interface EventParams {
  readonly sessionId?: string;
  readonly type?: string;
  readonly entry?: { readonly level: string; readonly text: string; readonly url?: string };
  readonly args?: readonly { readonly value?: unknown; readonly description?: string }[];
  readonly exceptionDetails?: ExceptionDetails;
  readonly request?: { readonly url: string };
}

/** Results of the methods in use. */
interface Reply {
  readonly browserContextId?: string;
  readonly targetId?: string;
  /** Base64. */
  readonly data?: string;
  readonly sessionId?: string;
  readonly errorText?: string;
  readonly result?: { readonly value?: unknown };
  readonly exceptionDetails?: ExceptionDetails;
}

interface ExceptionDetails {
  readonly text: string;
  readonly exception?: { readonly description?: string };
}

export interface DevToolsEvent {
  readonly method: string;
  readonly params: EventParams;
  readonly sessionId: string;
}

interface Message extends DevToolsEvent {
  readonly id?: number;
  readonly result?: Reply;
  readonly error?: { readonly message: string };
}

/** A browser driven by the DevTools protocol over a pipe. No port is used, so concurrent runs cannot collide. */
export class DevTools {
  private readonly pending = new Map<number, PromiseWithResolvers<Reply>>();
  private readonly events = new EventEmitter().setMaxListeners(0);
  private lastId = 0;
  private unread = '';

  private constructor(
    private readonly process: ChildProcess,
    private readonly input: Duplex,
    output: Duplex,
    private readonly profile: string,
  ) {
    output.setEncoding('utf8').on('data', (text: string) => this.receive(text));
    process.once('exit', (code) => this.failPending(new Error(`Chromium exited with code ${code}`)));
    process.once('error', (error) => this.failPending(error));
  }

  static async spawn(executable: string): Promise<DevTools> {
    const profile = await mkdtemp(join(tmpdir(), 'chromium-'));
    const child = spawn(executable, [...SWITCHES, `--user-data-dir=${profile}`], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    const [, , , input, output] = child.stdio;
    if (!(input instanceof Duplex && output instanceof Duplex)) throw new Error('Chromium has no pipes');
    return new DevTools(child, input, output, profile);
  }

  send(method: string, params: object = {}, sessionId?: string): Promise<Reply> {
    const id = ++this.lastId;
    const reply = Promise.withResolvers<Reply>();
    this.pending.set(id, reply);
    this.input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return reply.promise;
  }

  listen(listener: (event: DevToolsEvent) => void): void {
    this.events.on('event', listener);
  }

  async next(method: string, sessionId: string): Promise<void> {
    await once(this.events, `${sessionId} ${method}`);
  }

  async close(): Promise<void> {
    if (this.process.exitCode === null) {
      const exit = once(this.process, 'exit');
      await this.send('Browser.close');
      await exit;
    }
    await rm(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }

  private receive(text: string): void {
    const messages = (this.unread + text).split('\0');
    this.unread = messages.pop() ?? '';
    for (const message of messages) this.dispatch(JSON.parse(message));
  }

  private dispatch(message: Message): void {
    if (message.id === undefined) {
      this.events.emit('event', message);
      this.events.emit(`${message.sessionId} ${message.method}`);
      return;
    }
    const reply = this.pending.get(message.id);
    this.pending.delete(message.id);
    if (message.error) reply?.reject(new Error(message.error.message));
    else reply?.resolve(message.result ?? {});
  }

  private failPending(error: Error): void {
    for (const reply of this.pending.values()) reply.reject(error);
    this.pending.clear();
  }
}
