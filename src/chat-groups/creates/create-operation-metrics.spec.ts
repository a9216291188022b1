import { beforeEach, describe, expect, it } from '@jest/globals';
import { createOperationsIn, OPERATION, UnreliableStore } from '../../../test/support/create-operations.js';
import { Metrics } from '../../telemetry/metrics.js';
import type { CreateOperationStore, TrackedOperation } from './create-operation-store.js';

let store: UnreliableStore;
let operations: CreateOperationStore;
let tracked: TrackedOperation;
let metrics: Metrics;

beforeEach(async () => {
  store = new UnreliableStore();
  metrics = new Metrics();
  operations = createOperationsIn(store, metrics);
  tracked = await operations.add(OPERATION);
});

describe('metrics', () => {
  /** By state. */
  async function ended(): Promise<Record<string, number>> {
    const { values } = await metrics.createsEnded.get();
    return Object.fromEntries(values.map(({ labels, value }) => [labels.state, value]));
  }

  it.each([
    ['SUCCEEDED', { succeeded: 1, unresolved: 0, closed: 0 }],
    ['UNRESOLVED', { succeeded: 0, unresolved: 1, closed: 0 }],
    ['PENDING', { succeeded: 0, unresolved: 0, closed: 0 }],
  ] as const)('count an operation once when it becomes %s', async (state, counts) => {
    const changed = await operations.change(tracked, { ...OPERATION, state });
    expect(await ended()).toEqual(counts);
    // Of a process that does not know of that change.
    expect(await operations.change(tracked, { ...OPERATION, state })).toBeUndefined();
    if (changed) await operations.change(changed, { ...changed.operation, detail: 'more' });
    expect(await ended()).toEqual(counts);
  });

  it('count an end that could not be stored at first, when it is stored', async () => {
    store.out = true;
    await operations.note(tracked, { ...OPERATION, state: 'UNRESOLVED' });
    expect(await ended()).toMatchObject({ unresolved: 0 });
    store.out = false;
    await operations.flushUnstored();
    expect(await ended()).toMatchObject({ unresolved: 1 });
  });

  it('tell operations that callers close from those whose groups were not found', async () => {
    await operations.change(tracked, { ...OPERATION, state: 'UNRESOLVED', closed: true });
    expect(await ended()).toEqual({ succeeded: 0, unresolved: 0, closed: 1 });
  });

  it('do not count an operation that was not sent', async () => {
    await operations.drop(tracked);
    expect(await ended()).toMatchObject({ unresolved: 0 });
  });

  it('show how many are pending', async () => {
    await operations.pending();
    expect((await metrics.createsPending.get()).values[0]?.value).toBe(1);
    await operations.noLongerPending(OPERATION.id);
    await operations.pending();
    expect((await metrics.createsPending.get()).values[0]?.value).toBe(0);
  });
});
