import type { Model } from './model.js';
import { named, type State, type Writers } from './state.js';

/**
 * What must hold in every state. The promise to readers is judged where they answer (readers.ts); these two hold only
 * under the faults for which a test asks for them.
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
      return `readers are served a page without ${named(missing)}, which is applied and has no writer any more`;
  }
  if (bounds.oneListPerGeneration) {
    const lists = state.readers.filter((reader) => reader.phase === 'leading').map((r) => r.generation);
    if (new Set(lists).size < lists.length) return 'two cacheable lists of one generation are under way';
  }
  return undefined;
}

/** What is applied, and nobody is left who would still tell Redis so. */
function abandoned(state: State): Writers {
  return state.writers.reduce<Writers>(
    (over, phase, writer) =>
      phase === 'done' || phase === 'unresolved' ? over | (state.applied & (1 << writer)) : over,
    0,
  );
}
