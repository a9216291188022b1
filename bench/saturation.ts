import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { wholeNumber } from './options.js';
import { EXIT_FAILED, withRun } from './run/with-run.js';
import { shareOfOthers, ticksNow } from './statistics/machine-use.js';
import { cachedSaturation, type Saturation, uncachedSaturation } from './workloads/saturation.js';

const FACTOR = 2;
const USAGE = 'npm run bench:saturation -- [--seconds 10] [--connections 64] [--json FILE]\n';

function readOptions() {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { seconds: text, connections: text, json: text } });
  return {
    seconds: wholeNumber('seconds', values.seconds, 10, 600),
    connections: wholeNumber('connections', values.connections, 64, 256),
    json: values.json,
  };
}

function told({ title, peak, overload, goodputShare, recoveryMs }: Saturation): string {
  const { offered, unsent, good, refused, failed, seconds } = overload;
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  const times = ({ p50, p99 }: { p50: number | undefined; p99: number | undefined }): string =>
    p50 === undefined || p99 === undefined ? '' : `, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
  const failures = Object.entries(failed).map(([what, count]) => `${what} ${count}`);
  return [
    title,
    `  peak            ${Math.round(peak)}/s`,
    `  offered         ${Math.round(offered / seconds)}/s over ${seconds.toFixed(1)} s, ${(offered / seconds / peak).toFixed(2)} × the peak; ${unsent} not sent`,
    `  goodput         ${percent(goodputShare)} of the peak${times(good)}`,
    `  refused         ${percent(refused.count / offered)} with 429 or 503${times(refused)}`,
    `  failed          ${failures.join(', ') || 'none'}`,
    `  recovered after ${Math.round(recoveryMs)} ms`,
    '',
  ].join('\n');
}

try {
  const { json, ...effort } = readOptions();
  const results: Saturation[] = [];
  const before = ticksNow();
  await withRun(async (run) => {
    for (const measure of [uncachedSaturation, cachedSaturation]) {
      const result = await measure(run, { ...effort, factor: FACTOR });
      results.push(result);
      process.stdout.write(told(result));
    }
  });
  process.stdout.write(
    `CPU time of other processes: ${(shareOfOthers(before, ticksNow()) * 100).toFixed(0)} %\n`,
  );
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n${USAGE}`);
  process.exitCode = EXIT_FAILED;
}
