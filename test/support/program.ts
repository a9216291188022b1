import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { endsWithThisProcess } from './ends-with-this-process.js';
import { eventually } from './eventually.js';

/** Where a gateway, and a sandbox that runs alone, say that they listen. */
export const GATEWAY_LINE = /^Gateway +(\S+)$/m;
export const SANDBOX_LINE = /^CAMS sandbox on (\S+)$/m;

/** A program of the build in a process of its own, with these settings alone. */
export class Program {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #closed: Promise<void>;
  #output = '';

  /** Of what it says the last `keptChars` are kept. */
  constructor(
    private readonly file: string,
    settings: Readonly<Record<string, string>>,
    { keptChars = Infinity }: { readonly keptChars?: number } = {},
  ) {
    this.#child = spawn(process.execPath, [file], {
      env: { PATH: process.env['PATH'], ...settings },
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

  /** Standard output and standard error. */
  get output(): string {
    return this.#output;
  }

  /** How it ended, and what it said; `undefined` while it runs. */
  get ended(): string | undefined {
    const { exitCode, signalCode } = this.#child;
    if (exitCode === null && signalCode === null) return undefined;
    return `${this.file} ended with ${exitCode ?? signalCode}: ${this.#output}`;
  }

  /** What the pattern captures, once it was said. Throws when the process ends before. */
  async said(pattern: RegExp): Promise<string> {
    return eventually(async () => {
      const { ended } = this;
      if (ended !== undefined) throw new Error(ended);
      return pattern.exec(this.#output)?.[1];
    });
  }

  onLine(listener: (line: string) => void): void {
    for (const stream of [this.#child.stdout, this.#child.stderr])
      createInterface(stream).on('line', listener);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Resolves when it has ended, and all that it said was read. */
  async end(name: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#child.kill(name);
    await this.#closed;
  }
}
