import { beforeEach, describe, expect, it } from '@jest/globals';
import { movedScopeOf, scopeOf } from '../../../test/support/cams-callers.js';
import { asGatewayError } from '../../errors/gateway-error.js';
import { OPERATION, createOperationsIn, subjectLocksIn } from '../../../test/support/create-operations.js';
import { MemoryStateStore } from '../../state/memory-state-store.js';
import { StateUnavailable, type StateEntry } from '../../state/state-store.js';
import { DAY_MS } from '../../util/durations.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { type SubjectLocks, claimKey } from './subject-locks.js';

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

describe('a lock held by an operation', () => {
  const subject = 'Kyoto';

  /** Returns the error of a tenant with the same number for which the subject is locked. */
  async function conflictOf(locks: SubjectLocks, scope: TenantScope): Promise<[string, string | undefined]> {
    const error = asGatewayError(
      await locks.acquire(scope, subject, 'op_2').catch((thrown: unknown) => thrown),
    );
    expect(error.code).toBe('CONFLICT');
    return [error.detail, error.options.operationId];
  }

  it.each([
    ['acquired by the request', (locks: SubjectLocks) => locks.acquire(scopeOf('acme'), subject, 'op_1')],
    ['secured for the operation', (locks: SubjectLocks) => locks.secure(scopeOf('acme'), subject, 'op_1')],
  ])('names it to its tenant alone: %s', async (_name, lock) => {
    const store = new MemoryStateStore();
    await createOperationsIn(store).add(OPERATION);
    const locks = subjectLocksIn(store);
    await lock(locks);
    // The number has moved to another tenant.
    const moved = movedScopeOf('globex');
    const [own, other] = [await conflictOf(locks, scopeOf('acme')), await conflictOf(locks, moved)];
    expect(own).toEqual([expect.stringContaining('op_1'), 'op_1']);
    expect(other).toEqual([expect.not.stringContaining('op_1'), undefined]);
    expect(await locks.operationOf(scopeOf('acme'), subject)).toBe('op_1');
    expect(await locks.operationOf(moved, subject)).toBeUndefined();
  });

  it('does not name it if the store cannot say whose it is', async () => {
    const store = new Observed();
    const locks = subjectLocksIn(store);
    await locks.acquire(scopeOf('acme'), subject, 'op_1');
    store.out = true;
    expect((await conflictOf(locks, scopeOf('acme')))[1]).toBeUndefined();
  });

  it('names nothing while a group is renamed to the subject', async () => {
    const locks = subjectLocksIn(new MemoryStateStore());
    await locks.acquireForUpdate(scopeOf('acme'), subject);
    expect((await conflictOf(locks, scopeOf('acme')))[1]).toBeUndefined();
    expect(await locks.operationOf(scopeOf('acme'), subject)).toBeUndefined();
  });
});

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
