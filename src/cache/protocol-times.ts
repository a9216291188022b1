import { type Config, longestWriteMs } from '../config/config.js';
import type { ProtocolTimes } from './stores/page-store.js';

/** What a lease outlives the upstream deadline by. */
const LEASE_MARGIN_MS = 2_000;
/** What an intent outlives the call by at least: begin may take as long as a command to the store may. */
const INTENT_MARGIN_MS = 250;
/** How long a page whose list failed is left alone. */
const HOLD_MS = 750;

/** The durations of the protocol, derived from the deadlines of upstream calls, so that no setting can void its proof. */
export function protocolTimes({ cams, cache }: Pick<Config, 'cams' | 'cache'>): ProtocolTimes {
  return {
    intentMs: Math.max(longestWriteMs(cams), cams.timeoutMs + INTENT_MARGIN_MS),
    leaseMs: cams.timeoutMs + LEASE_MARGIN_MS,
    settleMs: cache.settleMs,
    // Who keeps nothing for errors wants every read to be tried.
    holdMs: Math.min(HOLD_MS, cache.staleIfErrorMs),
  };
}
