import { writeFileSync } from 'node:fs';

const EXIT_BROKEN = 1;
/** The run itself failed. */
const EXIT_FAILED = 2;

/** A run from the command line, and what it may say. */
export interface Run<Options, Report> {
  readonly usage: string;
  /** Throws what is wrong with the command line. */
  readonly readOptions: (args: readonly string[]) => Options;
  /** Everything that it started has ended afterwards. */
  readonly run: (options: Options, stop: AbortSignal) => Promise<Report>;
  readonly asText: (report: Report) => string;
  /** Whether every promise was kept. */
  readonly kept: (report: Report) => boolean;
}

/** Does what the command line asks for; the exit code says whether every promise was kept, one was broken, or the run failed. */
export async function runToExitCode<
  Options extends { readonly seed: number; readonly json: string | undefined },
  Report,
>({ usage, readOptions, run, asText, kept }: Run<Options, Report>): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stop.abort();
      // A second time it is meant: children are killed on the way out.
      process.once(signal, () => process.exit(EXIT_FAILED));
    });
  }

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
