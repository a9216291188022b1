import { writeFileSync } from 'node:fs';
import { type Options, readOptions, usage } from './options.js';
import { callsTooMany, lossesOf, saveBaseline } from './report/baseline.js';
import { isMet } from './report/figure.js';
import { markdown } from './report/markdown.js';
import { type Results, thisMachine } from './report/results.js';
import { AnswersDiffer } from './run/compare.js';
import { EXIT_FAILED, onSite } from './run/leave.js';
import { run } from './run/run.js';
import { shareOfOthers, ticksNow } from './statistics/machine-use.js';
import { NAMES } from './workloads/catalogue.js';

/** A figure is missed, a ratio lost, or answers differ. */
const EXIT_MISSED = 1;

/** Prints the results where they are wanted. Whether they are good enough: by the targets, or by what they once were. */
function conclude(results: Results, { json, markdown: file, check, save }: Options): boolean {
  const page = markdown(results);
  process.stdout.write(page);
  if (file !== undefined) writeFileSync(file, page);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`);
  if (save) saveBaseline(results.figures);
  if (!check) return results.figures.every(isMet);
  const losses = [...lossesOf(results.figures), ...callsTooMany(results.figures)];
  for (const loss of losses) process.stderr.write(`${loss}\n`);
  return losses.length === 0;
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
  const tell = (line: string): unknown => process.stderr.write(`${line}\n`);
  const { rounds, seconds, connections } = options;
  const before = ticksNow();
  const found = await onSite((site) => run(site, options, tell));
  const results = {
    at: new Date().toISOString(),
    machine: thisMachine(),
    others: shareOfOthers(before, ticksNow()),
    effort: { rounds, seconds, connections },
    ...found,
  };
  process.exitCode = conclude(results, options) ? 0 : EXIT_MISSED;
} catch (error) {
  const differ = error instanceof AnswersDiffer;
  process.stderr.write(`${differ ? error.message : (error as Error).stack}\n`);
  process.exitCode = differ ? EXIT_MISSED : EXIT_FAILED;
}
