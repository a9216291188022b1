import { setTimeout as sleep } from 'node:timers/promises';
import type { Stage } from './stage.js';

/** A fault of the schedule. Each ends. */
export interface Fault {
  readonly name: string;
  readonly run: (stage: Stage) => Promise<void>;
  /** Outcomes of requests that it explains: their error codes. */
  readonly explains: readonly string[];
  /** Error lines of the log that it explains. */
  readonly explainsLines: RegExp | undefined;
  /** How long its consequences may last. */
  readonly aftermathMs: number;
}

/** How long the gateway may stop calling an account after failures. */
const BREAKER_MS = 10_000;
/** Until CAMS can no longer execute a write: CAMS_TIMEOUT_MS + CAMS_LATE_APPLY_MS, and the time to respond. */
const UNCERTAIN_MS = 40_000;
const UPSTREAM_LINES = /account not ready/;

function upstream(ms: number, ...faults: Parameters<Stage['sandbox']['fault']>[0][]): Fault['run'] {
  return async ({ sandbox }) => {
    for (const fault of faults) await sandbox.fault(fault);
    await sleep(ms);
    await sandbox.clearFaults();
  };
}

/** One round of the schedule, in this order. */
export const FAULTS: readonly Fault[] = [
  {
    name: 'cache Redis killed for 3 s',
    async run({ cache }) {
      await cache.kill();
      await sleep(3_000);
      await cache.restart();
    },
    explains: [],
    explainsLines: undefined,
    aftermathMs: 5_000,
  },
  {
    name: 'CAMS takes 1.5 s longer for 8 s',
    run: upstream(8_000, { kind: 'latency', ms: 1_500 }),
    explains: [],
    explainsLines: undefined,
    aftermathMs: 0,
  },
  {
    name: 'CAMS responds 500 to a third of the calls for 6 s',
    run: upstream(6_000, { kind: 'http500', ratio: 1 / 3 }),
    explains: ['UPSTREAM_UNAVAILABLE', 'OUTCOME_UNKNOWN', 'CONFLICT'],
    explainsLines: UPSTREAM_LINES,
    aftermathMs: UNCERTAIN_MS,
  },
  {
    name: 'state Redis frozen for 4 s',
    async run({ state }) {
      state.freeze();
      await sleep(4_000);
      state.thaw();
    },
    explains: ['STATE_UNAVAILABLE', 'OUTCOME_UNKNOWN'],
    explainsLines: undefined,
    aftermathMs: 5_000,
  },
  {
    name: 'CAMS throttles half of the calls for 6 s',
    run: upstream(6_000, { kind: 'throttle', ratio: 1 / 2 }),
    explains: ['UPSTREAM_THROTTLED', 'UPSTREAM_UNAVAILABLE'],
    explainsLines: UPSTREAM_LINES,
    aftermathMs: BREAKER_MS,
  },
  {
    name: 'CAMS hangs in a tenth of the calls for 5 s',
    run: upstream(5_000, { kind: 'hang', ratio: 1 / 10 }),
    explains: ['UPSTREAM_TIMEOUT', 'UPSTREAM_UNAVAILABLE', 'OUTCOME_UNKNOWN', 'CONFLICT'],
    explainsLines: UPSTREAM_LINES,
    aftermathMs: UNCERTAIN_MS,
  },
  {
    name: 'tenants file replaced',
    run: async (stage) => stage.changeTenants(),
    explains: [],
    explainsLines: undefined,
    aftermathMs: 0,
  },
];

/** A round of all faults, evenly spaced. */
export const ROUND_MS = 120_000;

/** Runs round after round until the signal. Resolves when the last fault has ended. */
export async function repeatFaults(
  stage: Stage,
  signal: AbortSignal,
  started: (fault: Fault) => () => void,
  afterRound: () => Promise<void>,
): Promise<void> {
  const beganMs = performance.now();
  for (let count = 0; ; count += 1) {
    const fault = FAULTS[count % FAULTS.length];
    // The first one comes after a gap, as all others.
    const dueMs = beganMs + ((count + 1) * ROUND_MS) / FAULTS.length;
    await sleep(Math.max(0, dueMs - performance.now()), undefined, { signal }).catch(() => undefined);
    if (signal.aborted || fault === undefined) return;
    const ended = started(fault);
    await fault.run(stage);
    setTimeout(ended, fault.aftermathMs).unref();
    if (count % FAULTS.length === FAULTS.length - 1) await afterRound();
  }
}
