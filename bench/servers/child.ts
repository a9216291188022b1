import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, truncateSync } from 'node:fs';
import { eventually } from '../../test/support/eventually.js';
import { processTree } from '../statistics/process-usage.js';

/** Killed when this process exits. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) killTree(child);
});

/** What each server prints once it listens: a log line, or a line of text as the sandbox, the peers and older builds. */
const LISTENS =
  /^(?:Gateway|CAMS sandbox on|Listening)\b.*?(?<text>http:\S+)$|"url":"(?<json>[^"]+)".*"msg":"started"/m;

export interface Program {
  /** Arguments of node: options, the file, its arguments. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The file that takes its output, log lines included. */
  readonly output: string;
  /** The folder it runs in; by default that of this process. */
  readonly cwd?: string;
}

/** A server in its own process. */
export interface Child {
  readonly pid: number;
  readonly url: string;
  /** The file that takes its output. */
  readonly output: string;
  /** Discards the output so far. */
  trimOutput(): void;
  stop(): Promise<void>;
}

/** A process that may not listen yet. */
export interface Spawned {
  readonly child: ChildProcess;
  /** Kills it. There is nothing to drain: every measured request has its response. */
  readonly stop: () => Promise<void>;
}

/** Starts a program in production mode. Throws its output if it exits before it listens. */
export async function startChild(program: Program): Promise<Child> {
  const { args, output } = program;
  const { child, stop } = spawnChild(program);
  const url = await eventually(async () => {
    const text = readFileSync(output, 'utf8');
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`${args.join(' ')} exited with ${child.exitCode ?? child.signalCode}: ${text}`);
    const { text: told, json } = LISTENS.exec(text)?.groups ?? {};
    return told ?? json;
  });
  return {
    pid: child.pid ?? 0,
    url,
    output,
    // The file is open for appending, so the child continues at the new end.
    trimOutput: () => truncateSync(output),
    stop,
  };
}

/** Starts a program without waiting for it to listen. */
export function spawnChild({ args, env, output, cwd }: Program): Spawned {
  const file = openSync(output, 'a');
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...env },
    stdio: ['ignore', file, file],
    cwd,
  });
  closeSync(file);
  running.add(child);
  const { promise: exited, resolve } = Promise.withResolvers<void>();
  child.once('exit', () => {
    running.delete(child);
    resolve();
  });
  return {
    child,
    stop: () => {
      killTree(child);
      return exited;
    },
  };
}

/** Kills a process and its descendants: a launcher leaves its server behind otherwise. */
function killTree({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  for (const member of processTree(pid)) {
    try {
      process.kill(member, 'SIGKILL');
    } catch {
      // It has exited meanwhile.
    }
  }
}
