/** The memory limit for any number of requests. */
export const MAX_RESIDENT_MB = 300;
/** Below this, a difference may come from the timing of garbage collection. */
const MAX_GROWTH = 0.15;

/**
 * Says what is wrong with a process's memory, given its resident MB after each step; `undefined` if nothing is. The
 * first step fills the caches, so growth counts from its end.
 */
export function memoryFault(residentMb: readonly number[]): string | undefined {
  const [first, last] = [residentMb[0], residentMb.at(-1)];
  if (first === undefined || last === undefined) throw new Error('Nothing was measured.');
  const most = Math.max(...residentMb);
  if (most > MAX_RESIDENT_MB) return `${most.toFixed(0)} MB exceeds ${MAX_RESIDENT_MB} MB.`;
  const growth = last / first - 1;
  if (growth <= MAX_GROWTH) return undefined;
  return `Memory grew by ${(growth * 100).toFixed(0)} % after the first step.`;
}
