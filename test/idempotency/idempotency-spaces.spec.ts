import { expect, it } from '@jest/globals';
import type { Idempotency } from '../../src/idempotency/idempotency.js';
import { RequestContext } from '../../src/request/request-context.js';
import type { StateStore } from '../../src/state/state-store.js';
import { PERMISSIONS } from '../../src/tenancy/permissions.js';
import { authorizeScope, type TenantScope } from '../../src/tenancy/tenant-scope.js';
import { digestOf } from '../../src/util/digest.js';
import { accountWith } from '../support/cams-callers.js';
import { BUDGET_MS, failure, lost } from '../support/idempotency-commands.js';
import { mustNotRun, pass, useIdempotencyReplicas, write } from '../support/idempotency-replicas.js';

const NUMBER = '8613800000001';
const SPACES = new Map(['a', 'b', 'c'].map((id) => [id, new Set([NUMBER])]));
const KEY = 'the-key';

let store: StateStore;
let here: Idempotency;
let there: Idempotency;
useIdempotencyReplicas((fresh) => ({ store, here, there } = fresh));

/** A request with the same key in a space. With `narrowed`, its credentials reach only that space. */
function asking(custSpaceId: string, { narrowed = false } = {}): TenantScope {
  const request = new RequestContext('test', BUDGET_MS);
  request.idempotencyKey = KEY;
  const limits = {
    requestsPerMinute: 600,
    upstreamWeight: 1,
    deletesPerHour: 100,
    stateRecords: 100,
    concurrentRequests: 50,
  };
  const tenant = { id: 'acme', name: 'acme', account: accountWith(), spaces: SPACES, limits };
  const spaces = narrowed ? new Map([[custSpaceId, new Set([NUMBER])]]) : SPACES;
  const principal = { tenant, id: 'sub:test', permissions: new Set(PERMISSIONS), spaces };
  return authorizeScope(principal, { custSpaceId, businessNumber: NUMBER }, 'groups:write', request);
}

const executing = (value: string) => write(async () => value);
const other = (value: string) => ({ ...executing(value), identity: ['another write'] });

it('does not let a token for one space meet keys that were used in another', async () => {
  await here.run(asking('a'), executing('in a'));
  const narrowed = asking('b', { narrowed: true });
  expect(await there.run(narrowed, other('in b'))).toEqual({ value: 'in b', replayed: false });
  expect(await here.run(narrowed, { ...mustNotRun, identity: ['another write'] })).toEqual({
    value: 'in b',
    replayed: true,
  });
  expect((await failure(there.run(narrowed, executing('b again')))).code).toBe('IDEMPOTENCY_KEY_REUSED');
  expect(await there.run(asking('a'), mustNotRun)).toEqual({ value: 'in a', replayed: true });
});

it('replays a write for all credentials of its space', async () => {
  await here.run(asking('a'), executing('first'));
  const replay = { value: 'first', replayed: true };
  expect(await there.run(asking('a', { narrowed: true }), mustNotRun)).toEqual(replay);
});

it('finds a record of its own place after the shared place has become free', async () => {
  const refused = here.run(
    asking('a'),
    write(async () => {
      await there.run(asking('b'), executing('in b'));
      throw new Error('nothing was sent');
    }),
  );
  await expect(refused).rejects.toThrow('nothing was sent');
  expect(await here.run(asking('b'), mustNotRun)).toEqual({ value: 'in b', replayed: true });
  // The shared place is free for the others.
  expect(await here.run(asking('c'), executing('in c'))).toEqual({ value: 'in c', replayed: false });
});

it('sends a write at most once if the shared place becomes free at any step of two requests', async () => {
  for (const step of [1, 2, 3, 4, 5, 6]) {
    const holder = `cgs:k:${digestOf(['acme', KEY])}`;
    const foreign = {
      fingerprint: 'f',
      space: digestOf(['a']),
      owner: 'o',
      state: 'started',
      ownedMs: 60_000,
    };
    const held = { expected: undefined, version: 'held', value: JSON.stringify(foreign), lifeMs: 60_000 };
    await store.write(holder, held);
    let executed = 0;
    const counting = write(async (attempt) => {
      executed += 1;
      await attempt.sending('facts');
      return 'done';
    });
    const run = (at: Idempotency): Promise<unknown> => at.run(asking('b'), counting).catch(() => undefined);
    const racing = [run(here)];
    for (let tick = 0; tick < step; tick += 1) await Promise.resolve();
    await store.remove(holder, 'held');
    racing.push(run(there));
    await Promise.all(racing);
    expect(executed).toBeLessThanOrEqual(1);
    await pass(86_500_000);
  }
});

it('respects keys of the previous release, whose space is not known', async () => {
  const value = JSON.stringify({
    fingerprint: digestOf([asking('a').key, JSON.stringify(['a write'])]),
    owner: 'o',
    state: 'done',
    ownedMs: 0,
    outcome: { kind: 'done', value: 'old' },
  });
  const record = { expected: undefined, version: '1', value, lifeMs: 60_000 };
  await store.write(`cgs:k:${digestOf(['acme', KEY])}`, record);
  expect(await here.run(asking('a'), mustNotRun)).toEqual({ value: 'old', replayed: true });
  expect((await failure(here.run(asking('b'), mustNotRun))).code).toBe('IDEMPOTENCY_KEY_REUSED');
});

it('keeps the space of a key through every state of its record', async () => {
  const losing = write(async (attempt) => {
    await attempt.sending('facts');
    return lost();
  });
  expect((await failure(here.run(asking('a'), losing))).code).toBe('OUTCOME_UNKNOWN');
  expect(await there.run(asking('b'), executing('in b'))).toEqual({ value: 'in b', replayed: false });
  const found = write(
    () => Promise.reject(new Error('not again')),
    () => ({ kind: 'done', value: 'found' }),
  );
  expect(await there.run(asking('a'), found)).toEqual({ value: 'found', replayed: true });
  expect(await here.run(asking('b'), mustNotRun)).toEqual({ value: 'in b', replayed: true });
});
