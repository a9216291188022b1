import { type Config, longestWriteMs } from '../config/config.js';
import type { ProtocolTimes } from './stores/page-store.js';

/** How much longer a lease lasts than the upstream deadline. */
const LEASE_MARGIN_MS = 2_000;
/** How much longer than the call an intent lasts at least: `begin` may take as long as a store command. */
const INTENT_MARGIN_MS = 250;
/** How long a page is not listed again after a failure. */
const HOLD_MS = 750;

/** Derives the durations of the protocol from the upstream deadlines, so that no setting can invalidate its proof. */
export function protocolTimes({ cams, cache }: Pick<Config, 'cams' | 'cache'>): ProtocolTimes {
  return {
    intentMs: Math.max(longestWriteMs(cams), cams.timeoutMs + INTENT_MARGIN_MS),
    leaseMs: cams.timeoutMs + LEASE_MARGIN_MS,
    settleMs: cache.settleMs,
    // Without stale-if-error, every read must be attempted.
    holdMs: Math.min(HOLD_MS, cache.staleIfErrorMs),
  };
}
