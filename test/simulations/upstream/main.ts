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
  kept: ({ throttled: slow, dead: none, hung: late }) =>
    slow.throttled <= slow.calls * MAX_THROTTLED &&
    isOnly(slow.quiet, '200') &&
    slow.quietP99Ms <= MAX_QUIET_P99_MS &&
    none.amplification <= MAX_AMPLIFICATION &&
    none.openAfterMs < MAX_OPEN_MS &&
    none.recoveryMs <= MAX_RECOVERY_MS &&
    isOnly(none.cached, '200') &&
    late.longestMs <= MAX_HUNG_MS &&
    late.late.residentMb - late.early.residentMb <= MAX_GROWTH_MB &&
    late.late.descriptors - late.early.descriptors <= MAX_MORE_DESCRIPTORS &&
    late.held === 0 &&
    late.afterwards === '200',
});
