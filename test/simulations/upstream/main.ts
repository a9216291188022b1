import { parseArgs } from 'node:util';
import { runToExitCode } from '../../support/run-to-exit-code.js';
import { type Dead, dead } from './dead.js';
import { type Hung, hung } from './hung.js';
import { type Throttled, throttled } from './throttled.js';

interface Options {
  /** Reported if the run itself fails; nothing here is random. */
  readonly seed: number;
  readonly json: string | undefined;
  readonly throttledSeconds: number;
  readonly deadSeconds: number;
  /** Clients that leave. */
  readonly left: number;
}

interface Report {
  readonly throttled: Throttled;
  readonly dead: Dead;
  readonly hung: Hung;
}

const MAX_THROTTLED = 0.01;
const MAX_QUIET_P99_MS = 2_000;
const MAX_AMPLIFICATION = 1.2;
const MAX_OPEN_MS = 2_000;
const MAX_RECOVERY_MS = 2_000;
const MAX_HUNG_MS = 250 + 200;
const MAX_GROWTH_MB = 20;
const MAX_MORE_DESCRIPTORS = 20;

const isOnly = (statuses: Readonly<Record<string, number>>, wanted: string): boolean =>
  Object.keys(statuses).join() === wanted;

await runToExitCode<Options, Report>({
  usage: `npm run test:upstream -- [--throttled 300] [--dead 30] [--left 20000] [--json FILE]
Runs a gateway in front of a CAMS that throttles it (seconds), that is dead (seconds), and that hangs (clients that leave).
`,
  readOptions(args) {
    const text = { type: 'string' } as const;
    const options = { throttled: text, dead: text, left: text, json: text };
    const { values } = parseArgs({ args: [...args], options });
    return {
      seed: 0,
      json: values.json,
      throttledSeconds: Number(values.throttled ?? 300),
      deadSeconds: Number(values.dead ?? 30),
      left: Number(values.left ?? 20_000),
    };
  },
  run: async ({ throttledSeconds, deadSeconds, left }) => ({
    throttled: await throttled(throttledSeconds),
    dead: await dead(deadSeconds),
    hung: await hung(left),
  }),
  asText: (report) => JSON.stringify(report, null, 2),
  kept: (report) =>
    report.throttled.throttled <= report.throttled.calls * MAX_THROTTLED &&
    isOnly(report.throttled.quiet, '200') &&
    report.throttled.quietP99Ms <= MAX_QUIET_P99_MS &&
    report.dead.amplification <= MAX_AMPLIFICATION &&
    report.dead.openAfterMs < MAX_OPEN_MS &&
    report.dead.recoveryMs <= MAX_RECOVERY_MS &&
    isOnly(report.dead.cached, '200') &&
    report.hung.longestMs <= MAX_HUNG_MS &&
    report.hung.late.residentMb - report.hung.early.residentMb <= MAX_GROWTH_MB &&
    report.hung.late.descriptors - report.hung.early.descriptors <= MAX_MORE_DESCRIPTORS &&
    report.hung.held === 0 &&
    report.hung.afterwards === '200',
});
