import { setTimeout as sleep } from 'node:timers/promises';

/** How long work may occupy the event loop at a time. A request needs several turns of it, and waits in each. */
const SLICE_MS = 2;
/** How long it then leaves the event loop to others. */
const PAUSE_MS = 2;

/** Long work, which can pause at each `yield`, and returns its result. */
export type SlicedWork<T> = Generator<undefined, T, undefined>;

/** Does the work without pauses. */
export function atOnce<T>(work: SlicedWork<T>): T {
  let step = work.next();
  while (!step.done) step = work.next();
  return step.value;
}

/** Does the work in slices of a few milliseconds, between which requests are handled. */
export async function inSlices<T>(work: SlicedWork<T>): Promise<T> {
  for (let sinceMs = performance.now(); ;) {
    const step = work.next();
    if (step.done) return step.value;
    if (performance.now() - sinceMs < SLICE_MS) continue;
    await sleep(PAUSE_MS);
    sinceMs = performance.now();
  }
}
