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
/** Time after which an unfinished write can be taken over, and until which CAMS may still execute it. */
export const LATE_MS = 7_000;
export const BUDGET_MS = CONFIG.http.requestBudgetMs;
/** Returns a scope for a request with this idempotency key. */
export function asking(key = 'key'): TenantScope {
  const scope = scopeWithin(BUDGET_MS);
  scope.request.idempotencyKey = key;
  return scope;
}

export function unknown(): { kind: 'unknown'; error: GatewayError } {
  return { kind: 'unknown', error: new GatewayError('OUTCOME_UNKNOWN', 'The outcome is unknown.') };
}

export const lost = (): never => {
  throw new GatewayError('OUTCOME_UNKNOWN', 'No response.');
};
/** Never settles, as if the process had died. */
export const never = (): Promise<never> => new Promise(() => undefined);
export const done = (value: string) => (): Reconciled<string> => ({ kind: 'done', value });
/** Returns the error that was thrown. */
export async function failure(step: Promise<unknown>): Promise<GatewayError> {
  const thrown: unknown = await step.then(
    (value) => new Error(`Expected an error, got ${String(value)}.`),
    (error: unknown) => error,
  );
  if (thrown instanceof GatewayError) return thrown;
  throw thrown;
}
