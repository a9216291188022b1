import { writeFileSync } from 'node:fs';
import { type Options, readOptions, usage } from './options.js';
import { excessCalls, lossesOf, saveBaseline } from './report/baseline.js';
import { type Figure, isMet } from './report/figure.js';
import { markdown } from './report/markdown.js';
import { type Results, thisMachine } from './report/results.js';
import { ResponsesDiffer } from './run/compare-responses.js';
import { confirmLosses } from './run/confirm.js';
import { EXIT_FAILED, withRun } from './run/with-run.js';
import { measureAll } from './run/measure-all.js';
import { shareOfOthers, ticksNow } from './statistics/machine-use.js';
import { NAMES } from './workloads/catalogue.js';

/** A target is missed, a ratio got worse, or the responses differ. */
const EXIT_MISSED = 1;

/** Prints the results and writes the files that were asked for. */
function publish(results: Results, { json, markdown: file, save }: Options): void {
  const page = markdown(results);
  process.stdout.write(page);
  if (file !== undefined) writeFileSync(file, page);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`);
  if (save) saveBaseline(results.figures);
}

/** Whether no ratio is worse than in the baseline. */
async function holdsBaseline(figures: readonly Figure[]): Promise<boolean> {
  const lost = await confirmLosses(figures, lossesOf, async (only) => {
    process.stderr.write(`Measuring again, because a ratio got worse: ${only.join(', ')}\n`);
    return (await measure({ ...options, only })).figures;
  });
  const faults = [...lost.map(({ text }) => text), ...excessCalls(figures)];
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  return faults.length === 0;
}

function measure(wanted: Options) {
  return withRun((run) => measureAll(run, wanted, (line) => process.stderr.write(`${line}\n`)));
}

function readOptionsOrFail(): Options {
  try {
    return readOptions(process.argv.slice(2), NAMES);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${usage(NAMES)}`);
    process.exit(EXIT_FAILED);
  }
}

const options = readOptionsOrFail();
try {
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
  const { figures } = found;
  const good = options.check ? await holdsBaseline(figures) : figures.every(isMet);
  process.exitCode = good ? 0 : EXIT_MISSED;
} catch (error) {
  const differ = error instanceof ResponsesDiffer;
  process.stderr.write(`${differ ? error.message : (error as Error).stack}\n`);
  process.exitCode = differ ? EXIT_MISSED : EXIT_FAILED;
}
