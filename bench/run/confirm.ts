import type { Loss } from '../report/baseline.js';

const REPETITIONS = 2;

/**
 * Returns the losses that show up again each time their workloads are measured again. A machine may slow down one server
 * for minutes, but a gateway that became slower stays slower.
 */
export async function confirmLosses<T>(
  found: T,
  lossesOf: (found: T) => readonly Loss[],
  measureAgain: (workloads: readonly string[]) => Promise<T>,
): Promise<readonly Loss[]> {
  let losses = lossesOf(found);
  for (let repetition = 1; repetition <= REPETITIONS && losses.length > 0; repetition += 1) {
    const lost = new Set(losses.map(({ name }) => name));
    const workloads = new Set([...lost].map((name) => name.replace(/\/.*/, '')));
    const again = lossesOf(await measureAgain([...workloads]));
    losses = again.filter(({ name }) => lost.has(name));
  }
  return losses;
}
