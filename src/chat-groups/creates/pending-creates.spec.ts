import { expect, it } from '@jest/globals';
import { loadConfig } from '../../config/config.js';
import { Locks } from '../../state/locks.js';
import { MemoryStateStore } from '../../state/memory-state-store.js';
import { type StateEntry, StateUnavailable } from '../../state/state-store.js';
import { CreateOperationStore, newOperationId } from './create-operation-store.js';
import { PendingCreates } from './pending-creates.js';

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
  const operations = new CreateOperationStore(store);
  // An operation that does not exist needs neither a matcher nor a scope.
  const unused = undefined as never;
  const pending = new PendingCreates(operations, unused, new Locks(store), unused, loadConfig({}));
  const id = newOperationId();
  await expect(pending.lookUp(id)).rejects.toThrow(StateUnavailable);
  expect(await pending.acquireLookup(id)).toBeDefined();
});
