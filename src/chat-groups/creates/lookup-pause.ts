/** How often the gateway checks whether a lookup is due. */
export const SWEEP_MS = 1_000;
/** The pause until the next lookup, as a fraction of the operation's age. */
const PACE = 0.5;
const LONGEST_PAUSE_MS = 15_000;

/** Returns the pause between the lookups of a pending operation of this age, also a good one between polls of clients. */
export function lookupPauseMs(ageMs: number): number {
  return Math.min(LONGEST_PAUSE_MS, Math.max(SWEEP_MS, ageMs * PACE));
}
