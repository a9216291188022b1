import { beforeEach, describe, expect, it } from '@jest/globals';
import { scopeOf } from '../../../test/support/cams-callers.js';
import {
  createOperationsIn,
  OPERATION,
  subjectLocksIn,
  UnreliableStore,
} from '../../../test/support/create-operations.js';
import { StateUnavailable, type StateWrite } from '../../state/state-store.js';
import type { SubjectLocks } from '../writes/subject-locks.js';
import type { CreateOperation } from './create-operation.js';
import { type CreateOperationStore, type TrackedOperation } from './create-operation-store.js';

let store: UnreliableStore;
let operations: CreateOperationStore;
let tracked: TrackedOperation;

beforeEach(async () => {
  store = new UnreliableStore();
  operations = createOperationsIn(store);
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
    await operations.flushUnstored();
    expect((await kept())?.sent).toBe(true);
  });

  it('is stored later if it ends the operation', async () => {
    store.out = true;
    expect(await operations.drop(tracked)).toBe(false);
    store.out = false;
    await operations.flushUnstored();
    expect(await kept()).toMatchObject({ state: 'UNRESOLVED', dropped: true });
  });

  it('does not overwrite a change by another process', async () => {
    store.out = true;
    await operations.note(tracked, { ...OPERATION, detail: 'mine' });
    store.out = false;
    await operations.change(tracked, { ...OPERATION, detail: 'theirs' });
    await operations.flushUnstored();
    expect((await kept())?.detail).toBe('theirs');
  });
});

it('keeps the groups that existed before only while the operation is pending', async () => {
  const existing = ['G1', 'G2'];
  const pending = await operations.change(tracked, { ...OPERATION, existing, sent: true });
  expect((await kept())?.existing).toEqual(existing);
  if (pending) await operations.change(pending, { ...pending.operation, state: 'UNRESOLVED' });
  expect(await kept()).toMatchObject({ state: 'UNRESOLVED', existing: [] });
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
        await operations.flushUnstored();
      },
    ],
  ] as const;

  it.each(later)('is dropped by the request that knows that it was not sent: %s', async (_, apply) => {
    await operations.change(tracked, SENT);
    await apply(() => operations.drop(tracked, { wasNeverSent: true }));
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
    await apply(() => operations.drop(tracked, { wasNeverSent: true }));
    expect(await kept()).toMatchObject(found);
  });
});

it('is not continued by a process that did not make it, after it was dropped', async () => {
  const theirs = await operations.add({ ...OPERATION, id: 'op_2', madeBy: 'another process' });
  await operations.drop(theirs);
  await operations.note(theirs, { ...theirs.operation, sent: true });
  expect((await operations.read('op_2'))?.operation.dropped).toBe(true);
});

it('nothing is left of an operation that could not be added', async () => {
  store.out = true;
  await expect(operations.add({ ...OPERATION, id: 'op_2' }, { sharedOnly: true })).rejects.toThrow('gone');
  store.out = false;
  expect(await operations.read('op_2')).toBeUndefined();
});

it('somebody will end an operation that was stored, even if its request does not learn that', async () => {
  store.stored = () => Promise.reject(new StateUnavailable('lost'));
  await expect(operations.add({ ...OPERATION, id: 'op_2' }, { sharedOnly: true })).rejects.toThrow('lost');
  expect(await operations.read('op_2')).toBeDefined();
  expect(await operations.pending()).toContain('op_2');
});

it('a fact that is noted too late returns the operation as another process has changed it', async () => {
  const found = { ...OPERATION, row: { groupId: 'G1', subject: 'Kyoto', status: 'ACTIVE' as const } };
  await operations.change(tracked, found);
  const noted = await operations.note(tracked, { ...OPERATION, state: 'UNRESOLVED' });
  expect(noted.operation).toEqual(found);
});

describe('changes that could not be stored', () => {
  it('do not replace a newer one that is made while they are stored', async () => {
    store.out = true;
    const first = await operations.note(tracked, { ...OPERATION, uniqueCode: 'u' });
    store.out = false;
    store.stored = async () => {
      store.out = true;
      await operations.note(first, { ...first.operation, state: 'SUCCEEDED' });
      store.out = false;
    };
    await operations.flushUnstored();
    await operations.end(scopeOf('acme'), first.operation);
    expect(await operations.pending()).toEqual([OPERATION.id]);
  });

  it('do not wait for each other', async () => {
    const second = { ...OPERATION, id: 'op_2' };
    const other = await operations.add(second);
    store.out = true;
    await operations.note(tracked, { ...OPERATION, sent: true });
    await operations.note(other, { ...second, sent: true });
    store.out = false;
    store.stored = () => Promise.reject(new StateUnavailable('lost'));
    await operations.flushUnstored();
    expect((await operations.read('op_2'))?.operation.sent).toBe(true);
  });
});

it('a claim is never kept in one process', async () => {
  const writes: StateWrite[] = [];
  store.write = async (_, write) => Boolean(writes.push(write));
  await operations.claim(scopeOf('acme'), 'G1', 'op_1');
  expect(writes).toMatchObject([{ version: 'op_1', sharedOnly: true }]);
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

  it('keeps its subject while CAMS may still execute what somebody has closed', async () => {
    // Lists and the wait for a permit came before it was sent.
    const ended = { ...OPERATION, sent: true, sentAtMs: Date.now(), state: 'UNRESOLVED' } as const;
    const closed = { ...ended, inconclusive: true };
    await operations.end(scope, closed);
    expect(await operations.pending()).toEqual([]);
    expect(await isFree()).toBe(false);
    await operations.end(scope, { ...closed, addConfirmed: true });
    expect(await isFree()).toBe(true);
  });

  it.each([true, false])(
    'frees the subject of a closed one that is not marked only if it has a key (%s)',
    async (isKeyed) => {
      const closed = { ...OPERATION, isKeyed, preparedAtMs: Date.now(), state: 'UNRESOLVED' } as const;
      await operations.end(scope, { ...closed, inconclusive: true });
      expect(await isFree()).toBe(isKeyed);
    },
  );

  it('waits until its state is stored, as this process may die before that', async () => {
    store.out = true;
    await operations.note(tracked, { ...OPERATION, state: 'UNRESOLVED' });
    store.out = false;
    await operations.end(scope, OPERATION);
    expect(await operations.pending()).toEqual([OPERATION.id]);
    await operations.flushUnstored();
    await operations.end(scope, OPERATION);
    expect(await operations.pending()).toEqual([]);
  });
});
