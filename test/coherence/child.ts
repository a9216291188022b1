import { type ChildProcess, spawn } from 'node:child_process';
import { eventually } from '../support/eventually.js';

/** Whatever is left ends with this process. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A process of the build that listens. */
export interface Child {
  readonly url: string;
  /** What went wrong with it; `undefined` while it runs. */
  ended(): string | undefined;
  stop(): Promise<void>;
}

/** Starts a program; `line` finds the address in what it says. Throws what it said when it ends before. */
export async function startChild(
  program: string,
  settings: Readonly<Record<string, string>>,
  line: RegExp,
): Promise<Child> {
  const child = spawn(process.execPath, [program], {
    env: { PATH: process.env['PATH'], ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-10_000)));
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  void gone.then(() => running.delete(child));
  const ended = (): string | undefined =>
    child.exitCode === null && child.signalCode === null
      ? undefined
      : `${program} ended with ${child.exitCode ?? child.signalCode}: ${output}`;
  const url = await eventually(async () => {
    const end = ended();
    if (end !== undefined) throw new Error(end);
    return line.exec(output)?.[1];
  });
  return {
    url,
    ended,
    async stop() {
      // Nothing is to be drained: what counts has been answered.
      child.kill('SIGKILL');
      await gone;
    },
  };
}
