import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { CamsGroupRow } from '../../cams/api.js';
import { scopeOf } from '../../../test/support/cams-callers.js';
import { createOperationsIn, subjectLocksIn } from '../../../test/support/create-operations.js';
import { eventually } from '../../../test/support/eventually.js';
import { loadConfig } from '../../config/config.js';
import { Locks } from '../../state/locks.js';
import { MemoryStateStore } from '../../state/memory-state-store.js';
import { type StateEntry, StateUnavailable } from '../../state/state-store.js';
import { type CreateOperation, newOperationId } from './create-operation.js';
import type { TrackedOperation } from './create-operation-store.js';
import type { CreatedGroupMatcher } from './created-group-matcher.js';
import { PendingCreates } from './pending-creates.js';
import type { RequestContext } from '../../request/request-context.js';
import type { TenantDirectory } from '../../tenancy/directory/tenant-directory.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';

/** A store that fails once, on the first read of an operation. */
class FailingOnce extends MemoryStateStore {
  #failed = false;

  override async read(key: string): Promise<StateEntry | undefined> {
    if (this.#failed || !key.startsWith('cgs:o:')) return super.read(key);
    this.#failed = true;
    throw new StateUnavailable('gone');
  }
}

it('releases the lock if the store fails during a lookup', async () => {
  const store = new FailingOnce();
  const operations = createOperationsIn(store);
  // An operation that does not exist needs neither a matcher nor a scope.
  const unused = undefined as never;
  const pending = new PendingCreates(operations, unused, new Locks(store), unused, loadConfig({}));
  const id = newOperationId();
  await expect(pending.lookUp(id)).rejects.toThrow(StateUnavailable);
  expect(await pending.acquireLookup(id)).toBeDefined();
});

it('looks up the operations of a tenant while lookups of another one hang, even under overload', async () => {
  const store = new MemoryStateStore();
  const operations = createOperationsIn(store);
  const lookedUp: string[] = [];
  const requests: RequestContext[] = [];
  const matcher: Pick<CreatedGroupMatcher, 'tryResolve'> = {
    tryResolve: (_scope, tracked: TrackedOperation) => {
      lookedUp.push(tracked.operation.tenantId);
      return tracked.operation.tenantId === 'acme' ? new Promise(() => undefined) : Promise.resolve(tracked);
    },
  };
  const directory = {
    scope: (_tenant: string, _number: unknown, request: RequestContext) => {
      requests.push(request);
      return {} as TenantScope;
    },
  };
  const pending = new PendingCreates(
    operations,
    matcher as CreatedGroupMatcher,
    new Locks(store),
    directory as unknown as TenantDirectory,
    loadConfig({}),
  );
  for (const tenantId of ['acme', 'acme', 'acme', 'globex'])
    await operations.add({
      id: newOperationId(),
      tenantId,
      state: 'PENDING',
      sent: true,
      preparedAtMs: Date.now(),
    } as CreateOperation);
  pending.onModuleInit();
  await eventually(async () => lookedUp.includes('globex') || undefined);
  pending.onModuleDestroy();
  // Else, a lookup would be refused while the gateway is overloaded, and the group never found.
  expect(requests.every(({ isAdmitted }) => isAdmitted)).toBe(true);
});

describe('an operation that is not marked as sent', () => {
  const UNMARKED_MS = 31_000;

  async function lookedUp(isKeyed: boolean, ageMs: number) {
    const store = new MemoryStateStore();
    const operations = createOperationsIn(store);
    const scope = scopeOf('acme');
    const locks = subjectLocksIn(store);
    const seen: CreateOperation[] = [];
    const matcher = {
      tryResolve: async (_: unknown, tracked: TrackedOperation) => {
        seen.push(tracked.operation);
        return tracked;
      },
    };
    const pending = new PendingCreates(
      operations,
      matcher as unknown as CreatedGroupMatcher,
      new Locks(store),
      { scope: () => scope } as unknown as TenantDirectory,
      loadConfig({}),
    );
    const subject = 'Kyoto in May';
    const preparedAtMs = Date.now() - ageMs;
    const operation = { id: 'op_1', tenantId: 'acme', state: 'PENDING', sent: false, preparedAtMs };
    await locks.acquire(scope, subject, 'op_1');
    await operations.add({ ...operation, subject, isKeyed } as CreateOperation);
    await pending.lookUp('op_1');
    const after = (await operations.read('op_1'))?.operation;
    const isFree = await locks.acquire(scope, subject, 'op_2').then(
      () => true,
      () => false,
    );
    return { after, seen, isFree };
  }

  it('was not sent, if its request had a key', async () => {
    const { after, seen, isFree } = await lookedUp(true, UNMARKED_MS);
    expect(after).toMatchObject({ state: 'UNRESOLVED', dropped: true });
    expect([seen, isFree]).toEqual([[], true]);
  });

  it('may have been sent by a process that lost the store, if its request had none', async () => {
    const { after, seen, isFree } = await lookedUp(false, UNMARKED_MS);
    expect(after).toMatchObject({ state: 'PENDING', sent: true });
    expect(seen).toHaveLength(1);
    expect(isFree).toBe(false);
  });

  it.each([true, false])('waits while its request may still send it (with a key: %s)', async (isKeyed) => {
    const { after, seen } = await lookedUp(isKeyed, UNMARKED_MS - 2_000);
    expect(after).toMatchObject({ state: 'PENDING', sent: false });
    expect(seen).toEqual([]);
  });
});

describe('a group that is found, but whose invite link may still be created', () => {
  const WINDOW_MS = 60_000;
  const row: CamsGroupRow = { groupId: 'G1', subject: 'Kyoto in May', status: 'ACTIVE' };

  /** Looks once for an operation of this age whose group is found, and returns it as it is afterwards. */
  async function afterLookup(ageMs: number): Promise<CreateOperation | undefined> {
    const store = new MemoryStateStore();
    const operations = createOperationsIn(store);
    const matcher = { tryResolve: async (_: unknown, tracked: unknown) => tracked };
    const pending = new PendingCreates(
      operations,
      matcher as unknown as CreatedGroupMatcher,
      new Locks(store),
      { scope: () => scopeOf('acme') } as unknown as TenantDirectory,
      loadConfig({ OPERATION_WINDOW_MS: `${WINDOW_MS}` }),
    );
    const id = newOperationId();
    const preparedAtMs = Date.now() - ageMs;
    await operations.add({
      id,
      tenantId: 'acme',
      state: 'PENDING',
      sent: true,
      preparedAtMs,
      subject: 'Kyoto in May',
      row,
    } as CreateOperation);
    await pending.lookUp(id);
    return (await operations.read(id))?.operation;
  }

  it('stays pending when its window is over', async () => {
    expect(await afterLookup(WINDOW_MS + 1)).toMatchObject({ state: 'PENDING', row });
  });

  it('succeeds without the link in the end, never as a group that was not listed', async () => {
    expect(await afterLookup(2 * WINDOW_MS)).toMatchObject({
      state: 'SUCCEEDED',
      row,
      detail: 'The group was created. It is unknown whether its invite link was.',
      inviteLinkError: { code: 'OUTCOME_UNKNOWN' },
    });
  });
});

describe('a pending operation', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it.each([
    ['this process', true],
    ['another one', false],
  ])('that %s looks up costs the store hardly more commands the longer it is pending', async (_, own) => {
    let tries = 0;
    class CountingLocks extends Locks {
      override tryAcquire(...request: Parameters<Locks['tryAcquire']>): ReturnType<Locks['tryAcquire']> {
        tries += 1;
        return super.tryAcquire(...request);
      }
    }
    const store = new MemoryStateStore();
    const operations = createOperationsIn(store);
    const locks = new CountingLocks(store);
    const matcher = { tryResolve: async (_scope: TenantScope, tracked: TrackedOperation) => tracked };
    const directory = { scope: () => ({}) };
    const pending = new PendingCreates(
      operations,
      matcher as unknown as CreatedGroupMatcher,
      locks,
      directory as unknown as TenantDirectory,
      loadConfig({}),
    );
    const id = newOperationId();
    const operation = { id, tenantId: 'acme', state: 'PENDING', sent: true, preparedAtMs: Date.now() };
    await operations.add(operation as CreateOperation);
    if (!own) await locks.tryAcquire(`cgs:t:${id}`, { owner: 'another', lifeMs: 600_000 });
    pending.onModuleInit();
    tries = 0;
    await jest.advanceTimersByTimeAsync(60_000);
    pending.onModuleDestroy();
    expect(tries).toBeGreaterThan(4);
    expect(tries).toBeLessThan(20);
  });
});
