import { writeFileSync } from 'node:fs';

const EXIT_BROKEN = 1;
/** The run itself failed. */
const EXIT_FAILED = 2;

/** A command-line program and its report. */
export interface Run<Options, Report> {
  readonly usage: string;
  /** Throws an error that describes an invalid command line. */
  readonly readOptions: (args: readonly string[]) => Options;
  /** Must stop everything it started before it resolves. */
  readonly run: (options: Options, stop: AbortSignal) => Promise<Report>;
  readonly asText: (report: Report) => string;
  /** Whether all guarantees held. */
  readonly kept: (report: Report) => boolean;
}

/** Runs the program. Exit code 0: all guarantees held; 1: one was violated; 2: the run itself failed. */
export async function runToExitCode<
  Options extends { readonly seed: number; readonly json: string | undefined },
  Report,
>({ usage, readOptions, run, asText, kept }: Run<Options, Report>): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stop.abort();
      // A second signal exits at once; the exit handler kills the child processes.
      process.once(signal, () => process.exit(EXIT_FAILED));
    });
  }

  // Once nothing is left to do. Node's own end of a process that has used sockets sometimes waits, busily and for ever, for a
  // request of one of them (Node 24.21, in `Environment::CleanupHandles`).
  process.once('beforeExit', () => process.exit());

  let options: Options;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${usage}`);
    process.exitCode = EXIT_FAILED;
    return;
  }

  try {
    const found = await run(options, stop.signal);
    if (options.json !== undefined) writeFileSync(options.json, JSON.stringify(found, null, 2));
    process.stdout.write(`${asText(found)}\n`);
    process.exitCode = kept(found) ? 0 : EXIT_BROKEN;
  } catch (error) {
    const why = stop.signal.aborted ? 'interrupted' : (error as Error).stack;
    process.stderr.write(`seed ${options.seed}: ${why}\n`);
    process.exitCode = EXIT_FAILED;
  }
}
