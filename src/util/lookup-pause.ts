/** How often the gateway checks whether a lookup is due. */
export const SWEEP_MS = 1_000;
/** The pause until the next lookup, as a fraction of the age of the write. */
const PACE = 0.5;
const LONGEST_PAUSE_MS = 15_000;

/** Returns the pause between lookups of the outcome of a write that was sent this long ago, by the gateway or its client. */
export function lookupPauseMs(ageMs: number): number {
  return Math.min(LONGEST_PAUSE_MS, Math.max(SWEEP_MS, ageMs * PACE));
}
