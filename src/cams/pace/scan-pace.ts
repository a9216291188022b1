import { setTimeout as sleep } from 'node:timers/promises';
import type { RemovedTenants } from '../../util/removed-tenants.js';

/** Part of a tenant's share of the account's rate that its scans may use. */
const SCAN_PART = 1 / 2;
/** Calls that may be sent at once: most scans need no more. */
const BURST = 4;

/**
 * Spaces the calls of scans, which one request can cause a hundred of: a tenant's other calls go on meanwhile, and other
 * tenants do not notice. Each call still needs its permit.
 */
export class ScanPace {
  /** By tenant, when its next call would be due if all were evenly spaced. */
  readonly #dueMs = new Map<string, number>();

  constructor(
    private readonly nowMs: () => number = () => performance.now(),
    private readonly pause: (ms: number) => Promise<unknown> = sleep,
  ) {}

  /**
   * Waits until the tenant may send the next call of a scan. `perSecond` is its share of the rate of the account now. Returns
   * `false` at once if that would take longer than `maxWaitMs`.
   */
  async turn(tenantId: string, perSecond: number, maxWaitMs: number): Promise<boolean> {
    const spacingMs = 1_000 / (perSecond * SCAN_PART);
    const nowMs = this.nowMs();
    const dueMs = Math.max(nowMs, this.#dueMs.get(tenantId) ?? 0);
    const waitMs = dueMs - nowMs - (BURST - 1) * spacingMs;
    if (waitMs > maxWaitMs) return false;
    this.#dueMs.set(tenantId, dueMs + spacingMs);
    if (waitMs > 0) await this.pause(waitMs);
    return true;
  }

  forget({ tenants }: RemovedTenants): void {
    for (const id of tenants) this.#dueMs.delete(id);
  }
}
