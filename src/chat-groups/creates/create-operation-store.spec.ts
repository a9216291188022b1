import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryStateStore } from '../../state/memory-state-store.js';
import { StateUnavailable, type StateWrite } from '../../state/state-store.js';
import {
  type CreateOperation,
  CreateOperationStore,
  PROCESS_ID,
  type TrackedOperation,
} from './create-operation-store.js';
import { OperationIndex } from './operation-index.js';

/** A store that can become unavailable. */
class Unreliable extends MemoryStateStore {
  out = false;

  override async write(key: string, write: StateWrite): Promise<boolean> {
    if (this.out) throw new StateUnavailable('gone');
    return super.write(key, write);
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

beforeEach(async () => {
  store = new Unreliable();
  operations = new CreateOperationStore(store, new OperationIndex(store));
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

it('ends an operation once and removes it from the pending ones', async () => {
  expect(await operations.pending()).toEqual(['op_1']);
  expect(await operations.drop(tracked)).toBe(true);
  expect(await operations.pending()).toEqual([]);
  expect(await operations.drop(tracked)).toBe(false);
});
