import type { Model } from './model.js';
import { forgettable, underWay, type Keys, type Lease, type Meta, type Page, type State } from './state.js';

/**
 * Returns the state in which every restriction has ended as early as possible and everything unobservable is gone. For
 * each run of the model, there is a run through reduced states that allows at least as much:
 * - An intent, a quarantine, a settle window and a recently started Redis only make readers bypass the cache. There is
 *   no clock, so each ends as soon as the event it must outlast is over (TQ and the settle window are derived that
 *   way).
 * - A page whose generation appears nowhere else is never served, because new generations are unique.
 * - A lease whose token no reader holds only makes others wait, unless there is a flight of its generation to join.
 */
export function reduced(state: State, model: Model): State {
  const unseen = forgettable(state);
  const { generation } = model.protocol;
  const unique = generation === 'random' || generation === 'client';
  const calls = underWay(state);
  const clean = (keys: Keys): Keys => {
    const meta = keys.meta && relaxed(keys.meta, calls, unseen, state);
    const page = keys.page && unique && !pageCounts(keys.page, keys, state) ? null : keys.page;
    const lease = keys.lease && leaseCounts(keys.lease, state) ? keys.lease : null;
    const same = meta === keys.meta && page === keys.page && lease === keys.lease;
    return same ? keys : { meta, page, lease };
  };
  const live = clean(state);
  const snapshot = state.snapshot && clean(state.snapshot);
  const young = state.young & unseen;
  if (live === state && snapshot === state.snapshot && young === state.young) return state;
  return { ...state, meta: live.meta, page: live.page, lease: live.lease, snapshot, young };
}

function relaxed(meta: Meta, calls: number, unseen: number, state: State): Meta {
  const intents = meta.intents & calls;
  const quarantine = meta.quarantine & unseen;
  const settle = meta.settle & ~state.visible;
  const same = intents === meta.intents && quarantine === meta.quarantine && settle === meta.settle;
  return same ? meta : { ...meta, intents, quarantine, settle };
}

function pageCounts({ generation }: Page, keys: Keys, state: State): boolean {
  return (
    keys.meta?.generation === generation ||
    state.meta?.generation === generation ||
    state.snapshot?.meta?.generation === generation ||
    state.inFlight.some((command) => command.generation === generation) ||
    state.readers.some((reader) => reader.generation === generation)
  );
}

function leaseCounts({ token, generation }: Lease, state: State): boolean {
  return (
    state.readers.some((reader) => reader.token === token || reader.generation === generation) ||
    state.inFlight.some((command) => command.token === token)
  );
}
