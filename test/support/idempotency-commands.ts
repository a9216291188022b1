import { GatewayError } from '../../src/errors/gateway-error.js';
import type { RequestContext } from '../../src/request/request-context.js';
import { loadConfig } from '../../src/config/config.js';
import type { Reconciled } from '../../src/idempotency/idempotency.js';
import { contextOf } from './cams-callers.js';

export const CONFIG = loadConfig({
  REQUEST_BUDGET_MS: '10000',
  CAMS_TIMEOUT_MS: '2000',
  CAMS_LATE_APPLY_MS: '5000',
});
/** How long who has begun may take until it is taken over, and how long CAMS may execute what it got. */
export const LATE_MS = 7_000;
export const BUDGET_MS = CONFIG.http.requestBudgetMs;
export function asking(key = 'key'): RequestContext {
  return Object.assign(contextOf(BUDGET_MS), { idempotencyKey: key });
}

export function unknown(): { kind: 'unknown'; error: GatewayError } {
  return { kind: 'unknown', error: new GatewayError('OUTCOME_UNKNOWN', 'Nobody knows.') };
}

export const lost = (): never => {
  throw new GatewayError('OUTCOME_UNKNOWN', 'No answer.');
};
/** As a process that dies: nothing comes of it any more. */
export const never = (): Promise<never> => new Promise(() => undefined);
export const done = (value: string) => (): Reconciled<string> => ({ kind: 'done', value });
/** What was thrown. */
export async function failure(step: Promise<unknown>): Promise<GatewayError> {
  const thrown: unknown = await step.then(
    (value) => new Error(`It answered ${String(value)}.`),
    (error: unknown) => error,
  );
  if (thrown instanceof GatewayError) return thrown;
  throw thrown;
}
