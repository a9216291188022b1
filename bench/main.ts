import { writeFileSync } from 'node:fs';
import { type Options, readOptions, usage } from './options.js';
import { profileWorkloads } from './profile/profile-workloads.js';
import { excessCalls, type Loss, lossesOf, saveBaseline } from './report/baseline.js';
import { worseThanAgainst } from './report/comparison.js';
import { isMet } from './report/figure.js';
import { markdown } from './report/markdown.js';
import { type Results, thisMachine } from './report/results.js';
import { ResponsesDiffer } from './run/compare-responses.js';
import { confirmLosses } from './run/confirm.js';
import { EXIT_FAILED, withRun } from './run/with-run.js';
import { measureAll } from './run/measure-all.js';
import { shareOfOthers, ticksNow } from './statistics/machine-use.js';
import { NAMES } from './workloads/catalogue.js';

/** A target is missed, a ratio got worse, the other build is better, or the responses differ. */
const EXIT_MISSED = 1;

/** Prints the results and writes the requested files. */
function publish(results: Results, { json, markdown: file, save }: Options): void {
  const page = markdown(results);
  process.stdout.write(page);
  if (file !== undefined) writeFileSync(file, page);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`);
  if (save) saveBaseline(results.figures);
}

type Measured = Awaited<ReturnType<typeof measureAll>>;

/** Whether the results are good enough for the mode of the run. Reports what is not. */
async function isGood(measured: Measured): Promise<boolean> {
  const { check, against } = options;
  if (!check && against === undefined) return measured.figures.every(isMet);
  const losses = await confirm(measured, ({ figures, comparisons }) =>
    check ? lossesOf(figures) : worseThanAgainst(comparisons),
  );
  const faults = [...losses.map(({ text }) => text), ...(check ? excessCalls(measured.figures) : [])];
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  return faults.length === 0;
}

/** Returns the losses that recur when their workloads are measured again. */
function confirm(
  measured: Measured,
  find: (measured: Measured) => readonly Loss[],
): Promise<readonly Loss[]> {
  return confirmLosses(measured, find, (only) => {
    process.stderr.write(`Measuring again, because a ratio got worse: ${only.join(', ')}\n`);
    return measure({ ...options, only });
  });
}

function measure(wanted: Options): Promise<Measured> {
  const log = (line: string): unknown => process.stderr.write(`${line}\n`);
  return withRun((run) => measureAll(run, wanted, log), wanted.against);
}

function readOptionsOrFail(): Options {
  try {
    return readOptions(process.argv.slice(2), NAMES);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${usage(NAMES)}`);
    process.exit(EXIT_FAILED);
  }
}

/** Measures, publishes the results, and returns the exit code. */
async function measureAndJudge(): Promise<number> {
  const { rounds, seconds, connections } = options;
  const before = ticksNow();
  const found = await measure(options);
  const results = {
    at: new Date().toISOString(),
    machine: thisMachine(),
    others: shareOfOthers(before, ticksNow()),
    effort: { rounds, seconds, connections },
    ...found,
  };
  publish(results, options);
  return (await isGood(found)) ? 0 : EXIT_MISSED;
}

const options = readOptionsOrFail();
try {
  const { profile } = options;
  if (profile === undefined) process.exitCode = await measureAndJudge();
  else await withRun((run) => profileWorkloads(run, options, profile));
} catch (error) {
  const differ = error instanceof ResponsesDiffer;
  process.stderr.write(`${differ ? error.message : (error as Error).stack}\n`);
  process.exitCode = differ ? EXIT_MISSED : EXIT_FAILED;
}
