import type { CreateOperation } from '../../src/chat-groups/creates/create-operation.js';
import { CreateOperationStore, PROCESS_ID } from '../../src/chat-groups/creates/create-operation-store.js';
import { OperationIndex } from '../../src/chat-groups/creates/operation-index.js';
import { SubjectLocks } from '../../src/chat-groups/writes/subject-locks.js';
import { loadConfig } from '../../src/config/config.js';
import { Locks } from '../../src/state/locks.js';
import { MemoryStateStore } from '../../src/state/memory-state-store.js';
import { type StateStore, StateUnavailable, type StateWrite } from '../../src/state/state-store.js';
import { Metrics } from '../../src/telemetry/metrics.js';

/** Returns the create operations in a store, with the default settings. */
export function createOperationsIn(store: StateStore, metrics = new Metrics()): CreateOperationStore {
  const index = new OperationIndex(store);
  return new CreateOperationStore(store, index, subjectLocksIn(store), metrics, loadConfig({}));
}

export function subjectLocksIn(store: StateStore): SubjectLocks {
  return new SubjectLocks(new Locks(store), store, loadConfig({}));
}

/** A store that can become unavailable. */
export class UnreliableStore extends MemoryStateStore {
  out = false;

  override async write(key: string, write: StateWrite): Promise<boolean> {
    if (this.out) throw new StateUnavailable('gone');
    const written = await super.write(key, write);
    const { stored } = this;
    this.stored = undefined;
    await stored?.();
    return written;
  }

  /** Calls this once, when the next write is stored but not confirmed yet. */
  stored: (() => Promise<unknown>) | undefined;

  override async addMember(key: string, member: string): Promise<void> {
    if (this.out) throw new StateUnavailable('gone');
    await super.addMember(key, member);
  }

  override async remove(key: string, version: string): Promise<boolean> {
    if (this.out) throw new StateUnavailable('gone');
    return super.remove(key, version);
  }
}

export const OPERATION: CreateOperation = {
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
