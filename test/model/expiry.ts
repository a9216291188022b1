import { mayFail, spent, type Model, type Step } from './model.js';
import { underWay, type State } from './state.js';

/**
 * Returns expiry steps, on time and too early. Intents, quarantine and the settle window only restrict, so reduction.ts
 * ends them as early as possible.
 */
export function expirySteps(state: State, model: Model): Step[] {
  const { meta, page, lease } = state;
  const steps: Step[] = [];
  if (page !== null) steps.push({ label: 'redis: the page expires', next: { ...state, page: null } });
  if (lease !== null) {
    // A lease outlives the deadline of its list.
    const listing = state.readers.some(
      (reader) => reader.phase === 'leading' && reader.token === lease.token,
    );
    const expired = { ...state, lease: null };
    if (!listing) steps.push({ label: 'redis: the lease expires', next: expired });
    else if (mayFail(state, model, 'early expiry'))
      steps.push({ label: 'redis: the lease expires EARLY', next: spent(expired) });
  }
  if (meta !== null && mayFail(state, model, 'early expiry'))
    for (let writer = 0; writer < state.writers.length; writer++) {
      const bit = meta.intents & underWay(state) & (1 << writer);
      if (bit !== 0)
        steps.push({
          label: `redis: the intent of w${writer} expires EARLY`,
          next: spent({ ...state, meta: { ...meta, intents: meta.intents & ~bit } }),
        });
    }
  if (state.visible !== state.applied)
    steps.push({ label: 'upstream: lists catch up', next: { ...state, visible: state.applied } });
  return steps;
}
