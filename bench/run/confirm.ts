import type { Loss } from '../report/baseline.js';
import type { Figure } from '../report/figure.js';

const REPETITIONS = 2;

/**
 * Returns the losses that show up again each time their workloads are measured again. A machine may slow down one server
 * for minutes, but a gateway that became slower stays slower.
 */
export async function confirmLosses(
  figures: readonly Figure[],
  lossesOf: (figures: readonly Figure[]) => readonly Loss[],
  measureAgain: (workloads: readonly string[]) => Promise<readonly Figure[]>,
): Promise<readonly Loss[]> {
  let losses = lossesOf(figures);
  for (let repetition = 1; repetition <= REPETITIONS && losses.length > 0; repetition += 1) {
    const lost = new Set(losses.map(({ name }) => name));
    const workloads = new Set([...lost].map((name) => name.replace(/\/.*/, '')));
    const found = lossesOf(await measureAgain([...workloads]));
    losses = found.filter(({ name }) => lost.has(name));
  }
  return losses;
}
