import { GatewayError } from '../../src/errors/gateway-error.js';
import { loadConfig } from '../../src/config/config.js';
import type { Reconciled } from '../../src/idempotency/idempotency.js';
import type { TenantScope } from '../../src/tenancy/tenant-scope.js';
import { scopeWithin } from './cams-callers.js';

export const CONFIG = loadConfig({
  REQUEST_BUDGET_MS: '10000',
  CAMS_TIMEOUT_MS: '2000',
  CAMS_LATE_APPLY_MS: '5000',
});
/** How long who has begun may take until it is taken over, and how long CAMS may execute what it got. */
export const LATE_MS = 7_000;
export const BUDGET_MS = CONFIG.http.requestBudgetMs;
/** A scope for a request with this key. */
export function asking(key = 'key'): TenantScope {
  const scope = scopeWithin(BUDGET_MS);
  scope.request.idempotencyKey = key;
  return scope;
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
