import { beforeEach, describe, expect, it } from '@jest/globals';
import { scopeOf } from '../../../test/support/cams-callers.js';
import { createOperationsIn, subjectLocksIn } from '../../../test/support/create-operations.js';
import { MemoryStateStore } from '../../state/memory-state-store.js';
import { StateUnavailable, type StateEntry } from '../../state/state-store.js';
import { DAY_MS } from '../../util/durations.js';
import { claimKey } from './subject-locks.js';

/** Notes for how long entries are extended, and can fail to read. */
class Observed extends MemoryStateStore {
  readonly extended: [string, number][] = [];
  out = false;

  override async extend(key: string, version: string, lifeMs: number): Promise<boolean> {
    this.extended.push([key, lifeMs]);
    return super.extend(key, version, lifeMs);
  }

  override async read(key: string): Promise<StateEntry | undefined> {
    if (this.out) throw new StateUnavailable('gone');
    return super.read(key);
  }
}

describe('the note that a group is not new', () => {
  const scope = scopeOf('acme');
  const key = claimKey(scope, 'G1');
  let store: Observed;

  beforeEach(() => {
    store = new Observed();
  });

  it('lasts for a day from the latest write', async () => {
    const locks = subjectLocksIn(store);
    for (const _ of [1, 2]) await locks.noteExisting(scope, 'G1');
    expect(store.extended).toContainEqual([key, DAY_MS]);
  });

  it('lasts as long for a group that an operation has created, and still belongs to it', async () => {
    const operations = createOperationsIn(store);
    await operations.claim(scope, 'G1', 'op_1');
    await subjectLocksIn(store).noteExisting(scope, 'G1');
    expect(store.extended).toEqual([[key, DAY_MS]]);
    expect(await operations.isClaimedByOther(scope, 'G1', 'op_1')).toBe(false);
  });

  it('does not stop a write without a key if the store fails meanwhile', async () => {
    store.out = true;
    await subjectLocksIn(store).noteExisting(scope, 'G1');
    const keyed = scopeOf('acme');
    keyed.request.idempotencyKey = 'key';
    await expect(subjectLocksIn(store).noteExisting(keyed, 'G1')).rejects.toThrow('gone');
  });
});
