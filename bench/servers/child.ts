import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, truncateSync } from 'node:fs';
import { eventually } from '../../test/support/eventually.js';

/** Whatever is left ends with this process. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** What each server says when it listens. */
const LISTENS = /^(?:Gateway|CAMS sandbox on|Listening) +(http\S+)$/m;

export interface Program {
  /** Of node: options, the file, its arguments. */
  readonly words: readonly string[];
  readonly settings: Readonly<Record<string, string>>;
  /** Takes what it writes, log lines too. */
  readonly output: string;
}

/** A server in a process of its own. */
export interface Child {
  readonly pid: number;
  readonly url: string;
  /** Forgets what it has written so far. */
  trimOutput(): void;
  stop(): Promise<void>;
}

/** Starts a program in production mode. Throws what it said when it ends before it listens. */
export async function startChild(program: Program): Promise<Child> {
  const { output } = program;
  const { child, gone } = spawnChild(program);
  const url = await eventually(async () => {
    const text = readFileSync(output, 'utf8');
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`${program.words.join(' ')} ended with ${child.exitCode ?? child.signalCode}: ${text}`);
    return LISTENS.exec(text)?.[1];
  });
  return {
    pid: child.pid ?? 0,
    url,
    // It appends, and so goes on at the new end.
    trimOutput: () => truncateSync(output),
    async stop() {
      // Nothing is to be drained: what was measured has been answered.
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** Starts a program, and waits for nothing. */
export function spawnChild({ words, settings, output }: Program): {
  child: ChildProcess;
  gone: Promise<unknown>;
} {
  const file = openSync(output, 'a');
  const child = spawn(process.execPath, words, {
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...settings },
    stdio: ['ignore', file, file],
  });
  closeSync(file);
  running.add(child);
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  child.once('exit', () => {
    running.delete(child);
    resolve();
  });
  return { child, gone };
}
