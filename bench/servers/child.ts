import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, truncateSync } from 'node:fs';
import { eventually } from '../../test/support/eventually.js';

/** Killed when this process exits. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** What each server prints once it listens. */
const LISTENS = /^(?:Gateway|CAMS sandbox on|Listening) +(http\S+)$/m;

export interface Program {
  /** Arguments of node: options, the file, its arguments. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The file that takes its output, log lines included. */
  readonly output: string;
}

/** A server in its own process. */
export interface Child {
  readonly pid: number;
  readonly url: string;
  /** Discards the output so far. */
  trimOutput(): void;
  stop(): Promise<void>;
}

/** Starts a program in production mode. Throws its output if it exits before it listens. */
export async function startChild(program: Program): Promise<Child> {
  const { output } = program;
  const { child, exited } = spawnChild(program);
  const url = await eventually(async () => {
    const text = readFileSync(output, 'utf8');
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`${program.args.join(' ')} exited with ${child.exitCode ?? child.signalCode}: ${text}`);
    return LISTENS.exec(text)?.[1];
  });
  return {
    pid: child.pid ?? 0,
    url,
    // The file is open for appending, so the child continues at the new end.
    trimOutput: () => truncateSync(output),
    async stop() {
      // There is nothing to drain: every measured request has its response.
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Starts a program without waiting for it to listen. */
export function spawnChild({ args, env, output }: Program): {
  child: ChildProcess;
  exited: Promise<unknown>;
} {
  const file = openSync(output, 'a');
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...env },
    stdio: ['ignore', file, file],
  });
  closeSync(file);
  running.add(child);
  const { promise: exited, resolve } = Promise.withResolvers<void>();
  child.once('exit', () => {
    running.delete(child);
    resolve();
  });
  return { child, exited };
}
