import { describe, expect, it } from '@jest/globals';
import type { CamsGroupRow } from '../../cams/api.js';
import { scopeOf } from '../../../test/support/cams-callers.js';
import { createOperationsIn } from '../../../test/support/create-operations.js';
import { eventually } from '../../../test/support/eventually.js';
import { loadConfig } from '../../config/config.js';
import { Locks } from '../../state/locks.js';
import { MemoryStateStore } from '../../state/memory-state-store.js';
import { type StateEntry, StateUnavailable } from '../../state/state-store.js';
import { type CreateOperation, type TrackedOperation, newOperationId } from './create-operation-store.js';
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
      detail: 'The group was created, but its invite link could not be created: OUTCOME_UNKNOWN.',
      inviteLinkError: { code: 'OUTCOME_UNKNOWN' },
    });
  });
});
