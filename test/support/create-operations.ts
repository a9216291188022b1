import { CreateOperationStore } from '../../src/chat-groups/creates/create-operation-store.js';
import { OperationIndex } from '../../src/chat-groups/creates/operation-index.js';
import { SubjectLocks } from '../../src/chat-groups/writes/subject-locks.js';
import { loadConfig } from '../../src/config/config.js';
import { Locks } from '../../src/state/locks.js';
import type { StateStore } from '../../src/state/state-store.js';
import { Metrics } from '../../src/telemetry/metrics.js';

/** Returns the create operations in a store, with the default settings. */
export function createOperationsIn(store: StateStore, metrics = new Metrics()): CreateOperationStore {
  const index = new OperationIndex(store);
  return new CreateOperationStore(store, index, subjectLocksIn(store), metrics, loadConfig({}));
}

export function subjectLocksIn(store: StateStore): SubjectLocks {
  return new SubjectLocks(new Locks(store), store, loadConfig({}));
}
