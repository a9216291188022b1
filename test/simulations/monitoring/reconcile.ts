import { setTimeout as sleep } from 'node:timers/promises';
import { type Stage, startStage } from '../soak/stage.js';
import { runLoad } from './run-load.js';
import { byAction, type Difference, differences, measured, RequestLines, total } from './tally.js';

export interface ReconcileOptions {
  readonly durationMs: number;
  readonly seed: number;
  readonly rate: number;
  readonly json: string | undefined;
}

export interface ReconcileReport {
  readonly requests: number;
  readonly errors: number;
  readonly calls: number;
  /** Calls that were given up because their clients had left: some had not reached CAMS, and are not in its log. */
  readonly abandoned: number;
  readonly differences: readonly Difference[];
}

/** Log lines are written within 100 ms. */
const LINES_MS = 1_000;
const ENDS_MS = 180_000;
/** So that no group is looked for much longer than the load lasts. */
const SOON_OVER = { OPERATION_WINDOW_MS: '20000' };
const NOTHING_UNDER_WAY = [/^gateway_cams_calls_under_way 0$/m, /^gateway_create_operations_pending 0$/m];

/** Runs load and faults against two gateways, and compares what they measured with what was logged. */
export async function reconcile(options: ReconcileOptions, stop: AbortSignal): Promise<ReconcileReport> {
  const lines = new RequestLines();
  const stage = await startStage(undefined, (_, line) => lines.line(line), SOON_OVER);
  try {
    const end = AbortSignal.any([stop, AbortSignal.timeout(options.durationMs)]);
    await runLoad(stage, { ...options, keepsCalls: true }, end);
    await allEnded(stage);
    await sleep(LINES_MS);
    const scrapes = await scrape(stage);
    const calls = byAction(await stage.sandbox.calls());
    const requests = measured(scrapes, 'gateway_http_request_duration_seconds_count', [
      'method',
      'route',
      'status',
    ]);
    const callsOf = (part?: string) =>
      measured(scrapes, 'gateway_cams_call_duration_seconds_count', ['action'], part);
    const abandoned = callsOf('outcome="abandoned"');
    return {
      requests: total(lines.requests),
      errors: total(lines.errors),
      calls: total(calls),
      abandoned: total(abandoned),
      differences: [
        ...differences('requests', requests, lines.requests),
        ...differences('errors', measured(scrapes, 'gateway_errors_total', ['code']), lines.errors),
        ...differences('calls', callsOf(), calls, abandoned),
      ],
    };
  } finally {
    await stage.close();
  }
}

/** Calls end within seconds; a group that was created is looked for until the window of its operation has passed. */
async function allEnded(stage: Stage): Promise<void> {
  for (const untilMs = performance.now() + ENDS_MS; performance.now() < untilMs; await sleep(1_000)) {
    const scrapes = await scrape(stage);
    if (NOTHING_UNDER_WAY.every((gauge) => scrapes.every((text) => gauge.test(text)))) return;
  }
  throw new Error('Calls or create operations do not end.');
}

function scrape({ replicas }: Stage): Promise<string[]> {
  return Promise.all(
    replicas.map(async ({ managementUrl }) => (await fetch(`${managementUrl}/metrics`)).text()),
  );
}
