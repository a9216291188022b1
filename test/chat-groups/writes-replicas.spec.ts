import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { ACME, GLOBEX, GLOBEX_KEY } from '../support/gateway.js';
import {
  type Arranged,
  WRITES,
  arrangeTarget,
  askWithKey,
  isDone,
  newKey,
  sentWrites,
  writeNamed,
} from '../support/keyed-writes.js';
import { TRANSPORTS, type Target, ask } from '../support/operations.js';
import { type WriteReplicas, startWriteReplicas } from '../support/write-replicas.js';

const REPLICAS = 3;
/** Longer than all requests take to arrive. */
const SLOW_MS = 800;

let replicas: WriteReplicas;
let target: Arranged;

beforeAll(async () => {
  replicas = await startWriteReplicas(REPLICAS, { REQUEST_BUDGET_MS: '8000' });
});
afterAll(() => replicas.close());
beforeEach(async () => {
  await replicas.at(0).sandbox.reset();
  target = await arrangeTarget(replicas.gateways, ACME);
});

const UPDATE = writeNamed('update a group');
const DELETE = writeNamed('delete a group');
const path = (of: Target): string => UPDATE.rest(of).path;

async function tagOf(of: Target): Promise<string> {
  return (await replicas.at(0).rest(path(of))).headers.get('etag') ?? '';
}

async function isThere({ groupId }: Target): Promise<boolean> {
  const groups = await replicas.at(0).sandbox.groups(ACME);
  return groups.some((group) => group.groupId === groupId);
}

describe.each(TRANSPORTS)('over %s', (transport) => {
  it.each(WRITES)('replays the outcome on another replica: $name', async (one) => {
    const key = newKey();
    const first = await askWithKey(replicas.at(0), transport, one, target, key);
    expect(first.error).toBeUndefined();
    for (const index of [1, 2]) {
      const again = await askWithKey(replicas.at(index), transport, one, target, key);
      expect([again.replayed, again.told]).toEqual([true, first.told]);
    }
    expect(await sentWrites(replicas.at(0))).toHaveLength(1);
  });

  it.each(WRITES)('sends only one of 20 requests with the same key: $name', async (one) => {
    const key = newKey();
    await replicas.at(0).sandbox.fault({ action: one.action, kind: 'latency', ms: SLOW_MS });
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, index) => askWithKey(replicas.at(index), transport, one, target, key)),
    );
    expect(await sentWrites(replicas.at(0))).toHaveLength(1);
    const told = all.filter(({ error }) => error === undefined);
    expect(told.filter(({ replayed }) => !replayed)).toHaveLength(1);
    for (const { answer, error } of all.filter((each) => each.error !== undefined)) {
      expect(error).toMatchObject({ code: 'IDEMPOTENCY_IN_FLIGHT', status: 409, retryable: true });
      if (transport === 'REST') expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    const later = await askWithKey(replicas.at(1), transport, one, target, key);
    expect([later.error, later.replayed]).toEqual([undefined, true]);
    expect(await isDone(replicas.at(0), one, target)).toBe(true);
  });

  it('reconciles a lost response on another replica', async () => {
    for (const one of WRITES.filter(({ name }) => name !== 'create a group')) {
      const own = await arrangeTarget(replicas.gateways, ACME);
      const key = newKey();
      await replicas.at(0).sandbox.fault({ action: one.action, kind: 'reset-after-apply', count: 1 });
      const first = await askWithKey(replicas.at(0), transport, one, own, key);
      expect(first.error).toMatchObject({ code: 'OUTCOME_UNKNOWN', retryable: true });
      const again = await askWithKey(replicas.at(1), transport, one, own, key);
      expect([again.error, again.replayed]).toEqual([undefined, true]);
      expect(await sentWrites(replicas.at(0))).toHaveLength(1);
    }
  });
});

describe('writes to one group', () => {
  it.each([1, 2, 3, 4, 5])(
    'succeed only once with the same ETag on two replicas, round %i',
    async (round) => {
      await replicas.at(0).sandbox.fault({ action: 'UpdateChatGroup', kind: 'latency', ms: round * 20 });
      const headers = { 'if-match': await tagOf(target) };
      const answers = await Promise.all(
        [0, 1].map((index) =>
          replicas.at(index).rest(path(target), {
            method: 'PATCH',
            body: { description: `by replica ${index}` },
            headers,
          }),
        ),
      );
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412]);
      const won = answers.findIndex(({ status }) => status === 200);
      const { body } = await replicas.at(2).rest(path(target));
      expect(body.description).toBe(`by replica ${won}`);
      expect(await sentWrites(replicas.at(0))).toHaveLength(1);
    },
  );

  it.each([0, 1, 2])('never delete with a stale If-Match on replica %i', async (index) => {
    const headers = { 'if-match': await tagOf(target) };
    await replicas.at(0).sandbox.changeGroup({ op: 'update', groupId: target.groupId, subject: 'Outside' });
    const { status } = await replicas.at(index).rest(path(target), { method: 'DELETE', headers });
    expect([status, await isThere(target)]).toEqual([412, true]);
    expect(await replicas.at(0).sandbox.calls('DeleteChatGroup')).toEqual([]);
  });

  it.each([1, 2, 3, 4, 5])(
    'execute either an update or a conditional delete, never both, round %i',
    async (round) => {
      await replicas.at(0).sandbox.fault({ action: 'UpdateChatGroup', kind: 'latency', ms: round * 20 });
      const headers = { 'if-match': await tagOf(target) };
      const [change, remove] = await Promise.all([
        replicas.at(round).rest(path(target), { method: 'PATCH', body: { description: 'Changed' } }),
        replicas.at(round + 1).rest(path(target), { method: 'DELETE', headers }),
      ]);
      const there = await isThere(target);
      expect([change.status, remove.status, there]).toEqual(there ? [200, 412, true] : [404, 204, false]);
    },
  );

  it('wait for the lock of the group and take it over only after it expires', async () => {
    const lock = await lockOf(target);
    await replicas.state.command('HSET', lock, 'n', 'of somebody else', 'v', 'somebody', 't', 0);
    await replicas.state.command('PEXPIRE', lock, 60_000);
    const answers = await Promise.all(
      [0, 1].map((index) => ask(replicas.at(index), 'REST', UPDATE, { ...target, subject: 'Waits' })),
    );
    for (const { answer, error } of answers) {
      expect(error).toMatchObject({ code: 'OVERLOADED', retryable: true });
      expect(answer.headers.get('retry-after')).toBe('1');
    }
    expect(await sentWrites(replicas.at(0))).toEqual([]);
    expect(await replicas.state.command('HGET', lock, 'n')).toBe('of somebody else');
    const waiting = ask(replicas.at(2), 'REST', UPDATE, target);
    await replicas.state.command('PEXPIRE', lock, 100);
    expect((await waiting).answer.status).toBe(200);
    expect(await replicas.state.command('EXISTS', lock)).toBe('0');
  });

  it('do not block writes to another group', async () => {
    const other = await arrangeTarget(replicas.gateways, ACME);
    await replicas.state.command('HSET', await lockOf(target), 'n', 'of somebody else', 'v', '', 't', 0);
    expect((await ask(replicas.at(1), 'REST', UPDATE, other)).answer.status).toBe(200);
    await replicas.state.command('DEL', await lockOf(other));
    await replicas.state.flush();
  });
});

describe('delete requests', () => {
  it('count against the quota of the tenant on every replica', async () => {
    const options = { key: GLOBEX_KEY };
    const groups: Arranged[] = [];
    for (let made = 0; made < 7; made += 1)
      groups.push(await arrangeTarget(replicas.gateways, GLOBEX, options));
    const outcomes = await Promise.all(
      groups.map((group, index) =>
        askWithKey(replicas.at(index), 'REST', DELETE, group, `delete-${group.groupId}`, options),
      ),
    );
    const statuses = outcomes.map(({ answer }) => answer.status);
    expect(statuses.toSorted()).toEqual([204, 204, 204, 204, 204, 429, 429]);
    expect(await replicas.at(0).sandbox.calls('DeleteChatGroup')).toHaveLength(5);
    for (const [index, group] of groups.entries()) {
      if (statuses[index] !== 429) continue;
      expect(Number(outcomes[index]?.answer.headers.get('retry-after'))).toBeGreaterThan(0);
      // Nothing was sent, so the key is still unused.
      const key = `delete-${group.groupId}`;
      const other = await askWithKey(replicas.at(index + 1), 'REST', UPDATE, group, key, options);
      expect([other.error, other.replayed]).toEqual([undefined, false]);
    }
  });

  it.each(['with keys', 'without keys'])('are all refused if one document contains 50: %s', async (keys) => {
    const [{ id }] = (await replicas.at(0).rest(path(target).replace(/\/[^/]+$/, '?size=1'))).body.data;
    const key = keys === 'with keys' ? `, idempotencyKey: "${newKey()}"` : '';
    const fields = Array.from(
      { length: 50 },
      (_, index) => `a${index}: deleteChatGroup(input: { id: "${id}"${key} }) { deletedId }`,
    );
    const { status, body } = await replicas.at(0).graphql(`mutation { ${fields.join('\n')} }`);
    expect([status, body.errors[0].extensions.code]).toEqual([400, 'QUERY_REFUSED']);
    expect(await replicas.at(0).sandbox.calls('DeleteChatGroup')).toEqual([]);
  });
});

/** Returns the Redis key of the group's lock, which is no longer held when this resolves. */
async function lockOf(of: Target): Promise<string> {
  const { sandbox } = replicas.at(0);
  await sandbox.fault({ action: 'UpdateChatGroup', kind: 'latency', ms: SLOW_MS, count: 1 });
  const slow = ask(replicas.at(0), 'REST', UPDATE, { ...of, subject: 'Locks' });
  const lock = await eventually(async () => {
    const keys = await replicas.state.command('KEYS', 'cgs:g:*');
    return keys === '' ? undefined : keys;
  });
  expect((await slow).answer.status).toBe(200);
  await sandbox.forgetCalls();
  return lock;
}
