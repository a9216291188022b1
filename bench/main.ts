import { writeFileSync } from 'node:fs';
import { type Options, readOptions, usage } from './options.js';
import { callsTooMany, lossesOf, saveBaseline } from './report/baseline.js';
import { type Figure, isMet } from './report/figure.js';
import { markdown } from './report/markdown.js';
import { type Results, thisMachine } from './report/results.js';
import { AnswersDiffer } from './run/compare.js';
import { confirmLosses } from './run/confirm.js';
import { EXIT_FAILED, onSite } from './run/leave.js';
import { run } from './run/run.js';
import { shareOfOthers, ticksNow } from './statistics/machine-use.js';
import { NAMES } from './workloads/catalogue.js';

/** A figure is missed, a ratio lost, or answers differ. */
const EXIT_MISSED = 1;

/** Prints the results where they are wanted. */
function publish(results: Results, { json, markdown: file, save }: Options): void {
  const page = markdown(results);
  process.stdout.write(page);
  if (file !== undefined) writeFileSync(file, page);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`);
  if (save) saveBaseline(results.figures);
}

/** Whether the figures are no worse than they once were. */
async function isNoWorse(figures: readonly Figure[]): Promise<boolean> {
  const lost = await confirmLosses(figures, lossesOf, async (only) => {
    process.stderr.write(`Once more, since a ratio was lost: ${only.join(', ')}\n`);
    return (await measureOnSite({ ...options, only })).figures;
  });
  const faults = [...lost.map(({ words }) => words), ...callsTooMany(figures)];
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  return faults.length === 0;
}

function measureOnSite(wanted: Options) {
  return onSite((site) => run(site, wanted, (line) => process.stderr.write(`${line}\n`)));
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
  const found = await measureOnSite(options);
  const results = {
    at: new Date().toISOString(),
    machine: thisMachine(),
    others: shareOfOthers(before, ticksNow()),
    effort: { rounds, seconds, connections },
    ...found,
  };
  publish(results, options);
  const { figures } = found;
  const good = options.check ? await isNoWorse(figures) : figures.every(isMet);
  process.exitCode = good ? 0 : EXIT_MISSED;
} catch (error) {
  const differ = error instanceof AnswersDiffer;
  process.stderr.write(`${differ ? error.message : (error as Error).stack}\n`);
  process.exitCode = differ ? EXIT_MISSED : EXIT_FAILED;
}
