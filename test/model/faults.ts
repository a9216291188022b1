import { mayFail, spent, type Model, type Step } from './model.js';
import { forgettable, type State } from './state.js';

const EMPTY = { meta: null, page: null, lease: null };

/**
 * Returns faults of the whole Redis server. Faults of single calls are in delivery.ts, those of writers in writers.ts.
 */
export function faultSteps(state: State, model: Model): Step[] {
  const { meta, page, lease, snapshot } = state;
  const may = (fault: Parameters<typeof mayFail>[2]): boolean => mayFail(state, model, fault);
  const steps: Step[] = [];
  if (may('restart empty'))
    steps.push({
      label: 'redis: RESTARTS EMPTY',
      next: spent({ ...state, ...EMPTY, young: forgettable(state) }),
    });
  if (may('meta evicted') && meta !== null)
    steps.push({ label: 'redis: EVICTS the meta', next: spent({ ...state, meta: null }) });
  if (may('page evicted') && (page !== null || lease !== null))
    steps.push({
      label: 'redis: EVICTS the page and its lease',
      next: spent({ ...state, page: null, lease: null }),
    });
  // An empty snapshot would equal an empty restart or an eviction of the meta.
  if ((may('rollback') || may('failover')) && snapshot === null && meta !== null)
    steps.push({
      label: 'redis: (a snapshot is taken, or a replica stops following)',
      next: { ...state, snapshot: { meta, page, lease } },
    });
  if (snapshot !== null && snapshot.meta !== null) {
    const back = { ...state, ...snapshot, meta: { ...snapshot.meta, foreign: true }, snapshot: null };
    if (may('rollback'))
      steps.push({
        label: 'redis: ROLLS BACK, restarted from the snapshot',
        next: spent({ ...back, young: forgettable(state) }),
      });
    if (may('failover'))
      steps.push({
        label: 'redis: FAILS OVER to a long-running replica',
        next: spent({ ...back, young: 0 }),
      });
  }
  return steps;
}
