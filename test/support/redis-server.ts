import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { endsWithThisProcess } from './ends-with-this-process.js';
import { unusedPort } from './unused-port.js';

const run = promisify(execFile);
const READY = /Ready to accept connections/;

export interface RedisServerOptions {
  readonly password?: string;
  /** More server settings, as command line arguments. */
  readonly settings?: readonly string[];
  /** Files of a self-signed certificate for `localhost` and its key. If set, the server accepts only TLS. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/** A real `redis-server` on loopback, without persistence unless `settings` enable it. */
export class RedisServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'gateway-redis-'));
  #child: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly options: RedisServerOptions,
  ) {}

  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const server = await RedisServer.reserve(options);
    await server.launch();
    return server;
  }

  /** Returns a server that is not running yet. */
  static async reserve(options: RedisServerOptions = {}): Promise<RedisServer> {
    return new RedisServer(await unusedPort(), options);
  }

  get url(): string {
    const { password, tls } = this.options;
    const login = password === undefined ? '' : `:${password}@`;
    return tls ? `rediss://${login}localhost:${this.port}` : `redis://${login}127.0.0.1:${this.port}`;
  }

  /** Returns the path of a file in the server's folder. */
  file(name: string): string {
    return join(this.#folder, name);
  }

  async launch(): Promise<void> {
    const { password, settings = [], tls } = this.options;
    const listener = tls
      ? ['--port', '0', '--tls-port', `${this.port}`, '--tls-auth-clients', 'no'].concat(
          '--tls-cert-file',
          tls.certificate,
          '--tls-key-file',
          tls.key,
          '--tls-ca-cert-file',
          tls.certificate,
        )
      : ['--port', `${this.port}`];
    const child = spawn(
      'redis-server',
      [...listener, '--bind', '127.0.0.1', '--dir', this.#folder, '--save', '', '--appendonly', 'no']
        .concat(password === undefined ? [] : ['--requirepass', password])
        .concat(settings),
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.#child = child;
    endsWithThisProcess(child);
    let output = '';
    await new Promise<void>((resolve, reject) => {
      const look = (chunk: Buffer): void => {
        output += chunk.toString();
        if (READY.test(output)) resolve();
      };
      for (const stream of [child.stdout, child.stderr]) stream.on('data', look);
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`redis-server exited with ${code}: ${output}`)));
    });
  }

  /** Runs one command with `redis-cli`. */
  async command(...words: readonly (string | number)[]): Promise<string> {
    const { password, tls } = this.options;
    const access = ['-p', `${this.port}`]
      .concat(password === undefined ? [] : ['--no-auth-warning', '-a', password])
      .concat(tls ? ['-h', 'localhost', '--tls', '--cacert', tls.certificate] : []);
    const { stdout } = await run('redis-cli', [...access, ...words.map(String)]);
    return stdout.trim();
  }

  /** Kills the server, as a power failure would. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  /** Stops the process: it keeps its connections, but does not respond. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Restarts the server. `empty`: without data; `same`: with the last snapshot, if there is one. */
  async restart(data: 'empty' | 'same' = 'empty'): Promise<void> {
    await this.kill();
    if (data === 'empty') rmSync(this.file('dump.rdb'), { force: true });
    await this.launch();
  }

  async flush(): Promise<void> {
    await this.command('FLUSHALL');
  }

  /** Saves the data for {@link rollback}. */
  async snapshot(): Promise<void> {
    await this.command('SAVE');
    copyFileSync(this.file('dump.rdb'), this.file('kept.rdb'));
  }

  /** Restarts with the data of {@link snapshot}. */
  async rollback(): Promise<void> {
    await this.kill();
    copyFileSync(this.file('kept.rdb'), this.file('dump.rdb'));
    await this.launch();
  }

  /** Makes the server run out of memory, without eviction. */
  async fill(): Promise<void> {
    await this.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction', 'maxmemory', '1');
  }

  async unfill(): Promise<void> {
    await this.command('CONFIG', 'SET', 'maxmemory', '0');
  }

  /** Stops the server and removes its folder. */
  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
