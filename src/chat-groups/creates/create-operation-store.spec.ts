import { Metrics } from '../../telemetry/metrics.js';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { scopeOf } from '../../../test/support/cams-callers.js';
import { createOperationsIn, subjectLocksIn } from '../../../test/support/create-operations.js';
import { MemoryStateStore } from '../../state/memory-state-store.js';
import { StateUnavailable, type StateWrite } from '../../state/state-store.js';
import type { SubjectLocks } from '../writes/subject-locks.js';
import {
  type CreateOperation,
  type CreateOperationStore,
  PROCESS_ID,
  type TrackedOperation,
} from './create-operation-store.js';

/** A store that can become unavailable. */
class Unreliable extends MemoryStateStore {
  out = false;

  override async write(key: string, write: StateWrite): Promise<boolean> {
    if (this.out) throw new StateUnavailable('gone');
    return super.write(key, write);
  }

  override async remove(key: string, version: string): Promise<boolean> {
    if (this.out) throw new StateUnavailable('gone');
    return super.remove(key, version);
  }
}

const OPERATION: CreateOperation = {
  id: 'op_1',
  madeBy: PROCESS_ID,
  tenantId: 'acme',
  custSpaceId: 'cams-acme',
  businessNumber: '8613800000001',
  subject: 'Kyoto',
  withInviteLink: false,
  existing: [],
  preparedAtMs: 0,
  sent: false,
  addConfirmed: false,
  state: 'PENDING',
  coherence: 'COHERENT',
};

let store: Unreliable;
let operations: CreateOperationStore;
let tracked: TrackedOperation;
let metrics: Metrics;

beforeEach(async () => {
  store = new Unreliable();
  metrics = new Metrics();
  operations = createOperationsIn(store, metrics);
  tracked = await operations.add(OPERATION);
});

const kept = async (): Promise<CreateOperation | undefined> => (await operations.read('op_1'))?.operation;

describe('a change made while the store is unavailable', () => {
  it('is stored later', async () => {
    store.out = true;
    const noted = await operations.note(tracked, { ...OPERATION, sent: true });
    expect(noted.operation.sent).toBe(true);
    store.out = false;
    expect((await kept())?.sent).toBe(false);
    await operations.flushPending();
    expect((await kept())?.sent).toBe(true);
  });

  it('is stored later if it ends the operation', async () => {
    store.out = true;
    expect(await operations.drop(tracked)).toBe(false);
    store.out = false;
    await operations.flushPending();
    expect(await kept()).toMatchObject({ state: 'UNRESOLVED', dropped: true });
  });

  it('does not overwrite a change by another process', async () => {
    store.out = true;
    await operations.note(tracked, { ...OPERATION, detail: 'mine' });
    store.out = false;
    await operations.change(tracked, { ...OPERATION, detail: 'theirs' });
    await operations.flushPending();
    expect((await kept())?.detail).toBe('theirs');
  });
});

it('drops an operation once', async () => {
  expect(await operations.drop(tracked)).toBe(true);
  expect(await operations.drop(tracked)).toBe(false);
});

describe('an operation that was changed meanwhile', () => {
  const SENT = { ...OPERATION, sent: true };
  const later = [
    ['at once', async (change: () => Promise<unknown>) => change()],
    [
      'once the store is back',
      async (change: () => Promise<unknown>) => {
        store.out = true;
        await change();
        store.out = false;
        await operations.flushPending();
      },
    ],
  ] as const;

  it.each(later)('is dropped by the request that knows that it was not sent: %s', async (_, apply) => {
    await operations.change(tracked, SENT);
    await apply(() => operations.drop(tracked, true));
    expect(await kept()).toMatchObject({ state: 'UNRESOLVED', dropped: true });
  });

  it.each(later)('is not dropped by anybody else: %s', async (_, apply) => {
    await operations.change(tracked, SENT);
    await apply(() => operations.drop(tracked));
    expect(await kept()).toEqual(SENT);
  });

  it.each(later)('is not dropped once its group is found: %s', async (_, apply) => {
    const found = { ...SENT, row: { groupId: 'G1', subject: 'Kyoto', status: 'ACTIVE' as const } };
    await operations.change(tracked, found);
    await apply(() => operations.drop(tracked, true));
    expect(await kept()).toMatchObject(found);
  });

  it.each(later)('continues if it was dropped, but was sent: %s', async (_, apply) => {
    await operations.drop(tracked);
    await operations.noLongerPending(OPERATION.id);
    await apply(() => operations.note(tracked, SENT));
    expect(await kept()).toEqual(SENT);
    expect(await operations.pending()).toEqual([OPERATION.id]);
  });
});

it('is not continued by a process that did not make it, after it was dropped', async () => {
  const theirs = await operations.add({ ...OPERATION, id: 'op_2', madeBy: 'another process' });
  await operations.drop(theirs);
  await operations.note(theirs, { ...theirs.operation, sent: true });
  expect((await operations.read('op_2'))?.operation.dropped).toBe(true);
});

describe('the end of an operation', () => {
  const scope = scopeOf('acme');
  let locks: SubjectLocks;

  beforeEach(async () => {
    locks = subjectLocksIn(store);
    await locks.acquire(scope, OPERATION.subject, OPERATION.id);
    await locks.keep(scope, OPERATION.subject, OPERATION.id);
  });

  const isFree = async (): Promise<boolean> =>
    locks.acquire(scope, OPERATION.subject, 'op_2').then(
      () => true,
      () => false,
    );

  it('releases its subject and removes it from the pending ones', async () => {
    expect(await operations.pending()).toEqual([OPERATION.id]);
    await operations.drop(tracked);
    await operations.end(scope, OPERATION);
    expect(await operations.pending()).toEqual([]);
    expect(await isFree()).toBe(true);
  });

  it('is retried by a lookup if the store fails before the subject is released', async () => {
    await operations.drop(tracked);
    store.out = true;
    await operations.end(scope, OPERATION);
    store.out = false;
    expect(await operations.pending()).toEqual([OPERATION.id]);
    expect(await isFree()).toBe(false);
    await operations.end(scope, OPERATION);
    expect(await operations.pending()).toEqual([]);
    expect(await isFree()).toBe(true);
  });

  it('waits until its state is stored, as this process may die before that', async () => {
    store.out = true;
    await operations.note(tracked, { ...OPERATION, state: 'UNRESOLVED' });
    store.out = false;
    await operations.end(scope, OPERATION);
    expect(await operations.pending()).toEqual([OPERATION.id]);
    await operations.flushPending();
    await operations.end(scope, OPERATION);
    expect(await operations.pending()).toEqual([]);
  });
});

describe('metrics', () => {
  /** By state. */
  async function ended(): Promise<Record<string, number>> {
    const { values } = await metrics.createsEnded.get();
    return Object.fromEntries(values.map(({ labels, value }) => [labels.state, value]));
  }

  it.each([
    ['SUCCEEDED', { succeeded: 1, unresolved: 0 }],
    ['UNRESOLVED', { succeeded: 0, unresolved: 1 }],
    ['PENDING', { succeeded: 0, unresolved: 0 }],
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
    await operations.flushPending();
    expect(await ended()).toMatchObject({ unresolved: 1 });
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
