import { Metrics } from '../../telemetry/metrics.js';
import { expect, it } from '@jest/globals';
import { eventually } from '../../../test/support/eventually.js';
import { loadConfig } from '../../config/config.js';
import { Locks } from '../../state/locks.js';
import { MemoryStateStore } from '../../state/memory-state-store.js';
import { type StateEntry, StateUnavailable } from '../../state/state-store.js';
import {
  type CreateOperation,
  CreateOperationStore,
  type TrackedOperation,
  newOperationId,
} from './create-operation-store.js';
import type { CreatedGroupMatcher } from './created-group-matcher.js';
import { OperationIndex } from './operation-index.js';
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
  const operations = new CreateOperationStore(store, new OperationIndex(store), new Metrics());
  // An operation that does not exist needs neither a matcher nor a scope.
  const unused = undefined as never;
  const pending = new PendingCreates(operations, unused, new Locks(store), unused, loadConfig({}));
  const id = newOperationId();
  await expect(pending.lookUp(id)).rejects.toThrow(StateUnavailable);
  expect(await pending.acquireLookup(id)).toBeDefined();
});

it('looks up the operations of a tenant while lookups of another one hang, even under overload', async () => {
  const store = new MemoryStateStore();
  const operations = new CreateOperationStore(store, new OperationIndex(store), new Metrics());
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
