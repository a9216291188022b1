import { parseArgs } from 'node:util';
import { wholeNumber } from './options.js';
import { memoryFault } from './report/flatness.js';
import { EXIT_FAILED, withRun } from './run/with-run.js';
import { residentOverTime } from './workloads/many-scopes.js';

const STEPS = 10;
const EXIT_MISSED = 1;

function readRequests(): number {
  const options = { requests: { type: 'string' } } as const;
  const { values } = parseArgs({ options });
  return wholeNumber('requests', values.requests, 1_000_000, 1_000_000_000);
}

try {
  const requests = readRequests();
  const step = Math.max(1_000, Math.floor(requests / STEPS));
  const residentMb: number[] = [];
  await withRun((run) =>
    residentOverTime(run, { requests, step }, (sent, mb) => {
      residentMb.push(mb);
      process.stdout.write(`${sent} requests: ${mb.toFixed(0)} MB\n`);
    }),
  );
  const fault = memoryFault(residentMb);
  process.stdout.write(`${fault ?? 'Memory is flat.'}\n`);
  process.exitCode = fault === undefined ? 0 : EXIT_MISSED;
} catch (error) {
  process.stderr.write(`${(error as Error).message}\nnpm run bench:memory -- [--requests 1000000]\n`);
  process.exitCode = EXIT_FAILED;
}
