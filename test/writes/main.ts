import { writeFileSync } from 'node:fs';
import { closeConnections } from './http.js';
import { readOptions, type Options, USAGE } from './options.js';
import { asText, kept, type Report } from './report.js';
import { simulate } from './simulation.js';
import { startStage } from './stage.js';

const EXIT_BROKEN = 1;
/** The run itself failed. */
const EXIT_FAILED = 2;

/** The run that was asked for; everything that it started has ended afterwards. */
async function run(options: Options, stop: AbortSignal): Promise<Report> {
  const stage = await startStage(options.broken);
  try {
    return await simulate(options, stage, stop);
  } finally {
    closeConnections();
    await stage.close();
  }
}

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    stop.abort();
    // A second time it is meant: children are killed on the way out.
    process.once(signal, () => process.exit(EXIT_FAILED));
  });
}

let options: Options | undefined;
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n${USAGE}`);
  process.exitCode = EXIT_FAILED;
}

if (options) {
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
