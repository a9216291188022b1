import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { endsWithThisProcess } from './ends-with-this-process.js';
import { eventually } from './eventually.js';

/** The startup lines of a gateway, of the sandbox in its process, and of a standalone sandbox, with the URL. */
export const GATEWAY_LINE = /"url":"([^"]+)".*"msg":"started"/;
export const SANDBOX_OF_GATEWAY = /"sandboxUrl":"([^"]+)"/;
export const SANDBOX_LINE = /^CAMS sandbox on (\S+)$/m;

/** A built program in a separate process, with only these settings. */
export class Program {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #closed: Promise<void>;
  #output = '';

  /** Runs a file with Node, or a command. Keeps the last `keptChars` characters of its output. */
  constructor(
    private readonly file: string | readonly [command: string, ...args: string[]],
    settings: Readonly<Record<string, string>>,
    { keptChars = Infinity, cwd }: { readonly keptChars?: number; readonly cwd?: string } = {},
  ) {
    const [command, ...args] = typeof file === 'string' ? [process.execPath, file] : file;
    this.#child = spawn(command, args, {
      env: { PATH: process.env['PATH'], ...settings },
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    endsWithThisProcess(this.#child);
    this.#closed = new Promise((resolve) => this.#child.once('close', () => resolve()));
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream.on(
        'data',
        (chunk: Buffer) => (this.#output = (this.#output + chunk.toString()).slice(-keptChars)),
      );
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Standard output and standard error. */
  get output(): string {
    return this.#output;
  }

  /** How it ended, and its output; `undefined` while it runs. */
  get ended(): string | undefined {
    const { exitCode, signalCode } = this.#child;
    if (exitCode === null && signalCode === null) return undefined;
    return `${String(this.file)} ended with ${exitCode ?? signalCode}: ${this.#output}`;
  }

  /** Waits until the output matches the pattern; returns its first group. Throws if the process ends first. */
  async said(pattern: RegExp, limitMs?: number): Promise<string> {
    return eventually(async () => {
      const { ended } = this;
      if (ended !== undefined) throw new Error(ended);
      return pattern.exec(this.#output)?.[1];
    }, limitMs);
  }

  onLine(listener: (line: string) => void): void {
    for (const stream of [this.#child.stdout, this.#child.stderr])
      createInterface(stream).on('line', listener);
  }

  /** Stops reading its standard output, as a log collector that hangs. */
  ignoreOutput(): void {
    this.#child.stdout.pause();
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Sends the signal; resolves when the process has ended and all its output was read. */
  async end(name: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#child.kill(name);
    await this.#closed;
  }
}
