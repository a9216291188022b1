/** What the process may have after any number of requests. Source: the figures to reach. */
export const MAX_RESIDENT_MB = 300;
/** More than that is growth, and not the mood of the collector. */
const MAX_GROWTH = 0.15;

/**
 * What is wrong with the memory of a process, by what it had after each step, in MB; `undefined`: nothing. The first step
 * fills the caches, so growth counts from its end.
 */
export function memoryFault(residentMb: readonly number[]): string | undefined {
  const [first, last] = [residentMb[0], residentMb.at(-1)];
  if (first === undefined || last === undefined) throw new Error('Nothing was measured.');
  const most = Math.max(...residentMb);
  if (most > MAX_RESIDENT_MB) return `${most.toFixed(0)} MB are more than ${MAX_RESIDENT_MB} MB.`;
  const growth = last / first - 1;
  if (growth <= MAX_GROWTH) return undefined;
  return `It grew by ${(growth * 100).toFixed(0)} % after the first step.`;
}
