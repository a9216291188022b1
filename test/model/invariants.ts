import type { Model } from './model.js';
import { named, type State, type Writers } from './state.js';

/**
 * Returns the invariant that a state violates, if any. The promise to readers is checked where they respond
 * (readers.ts). These two hold only under some faults, so each test enables them.
 */
export function violated(state: State, { bounds, protocol }: Model): string | undefined {
  if (bounds.visiblePageIsComplete) {
    const { meta, page } = state;
    const served =
      meta !== null &&
      page !== null &&
      page.generation === meta.generation &&
      meta.intents === 0 &&
      meta.quarantine === 0 &&
      !(protocol.epoch && meta.foreign);
    const missing = served ? abandoned(state) & ~page.payload : 0;
    if (missing !== 0)
      return `readers are served a page without ${named(missing)}, which is applied and no longer has a writer`;
  }
  if (bounds.oneListPerGeneration) {
    const lists = state.readers.filter((reader) => reader.phase === 'leading').map((r) => r.generation);
    if (new Set(lists).size < lists.length) return 'two cacheable lists of one generation are in flight';
  }
  return undefined;
}

/** Returns applied mutations whose writer will no longer report them to Redis. */
function abandoned(state: State): Writers {
  return state.writers.reduce<Writers>(
    (over, phase, writer) =>
      phase === 'done' || phase === 'unresolved' ? over | (state.applied & (1 << writer)) : over,
    0,
  );
}
