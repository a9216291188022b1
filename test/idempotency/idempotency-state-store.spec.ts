import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { ACME, type TestGateway } from '../support/gateway.js';
import { useKeyedGateway } from '../support/keyed-gateway.js';
import {
  type Arranged,
  type KeyedOutcome,
  WRITES,
  askWithKey,
  isDone,
  newKey,
  onceSettled,
  sentWrites,
  writeNamed,
} from '../support/keyed-writes.js';
import { type OperationCase, TRANSPORTS, type Transport, ask } from '../support/operations.js';
import type { RedisServer } from '../support/redis-server.js';
import type { TcpProxy } from '../support/tcp-proxy.js';

const UNAVAILABLE = { code: 'STATE_UNAVAILABLE', status: 503, retryable: true };
/** Longer than it takes to detect a call in flight and cut a connection, shorter than the deadline of the call. */
const SLOW_MS = 2_000;

let redis: RedisServer;
let proxy: TcpProxy;
let gateway: TestGateway;
let target: Arranged;

useKeyedGateway(
  ({ proxied }) => ({
    STATE_REDIS_URL: proxied,
    REQUEST_BUDGET_MS: '5000',
    CAMS_TIMEOUT_MS: '3500',
    CAMS_LATE_APPLY_MS: '500',
  }),
  (fresh) => ({ redis, proxy, gateway, target } = fresh),
);
beforeEach(() => redis.flush());
afterEach(() => stateIsBack());

/** Waits until the gateway uses the state store again, without being notified or restarted. */
async function stateIsBack(): Promise<void> {
  proxy.repair();
  const { groupId } = target;
  await eventually(async () => {
    const probe = await askWithKey(
      gateway,
      'REST',
      writeNamed('delete a group'),
      { ...ACME, groupId },
      newKey(),
      {
        headers: { 'if-match': '"never"' },
      },
    );
    return probe.error?.code === 'STATE_UNAVAILABLE' ? undefined : probe;
  });
}

const withKey = (transport: Transport, one: OperationCase, key: string): Promise<KeyedOutcome> =>
  askWithKey(gateway, transport, one, target, key);

describe.each<[string, readonly Transport[], () => void]>([
  ['disconnected', TRANSPORTS, () => proxy.cut()],
  ['frozen', ['REST'], () => proxy.hold()],
])('while the state store is %s', (_, transports, lose) => {
  describe.each(transports)('over %s', (transport) => {
    it.each(WRITES)('does not send a write with a key: $name', async (one) => {
      const key = newKey();
      lose();
      const { answer, error } = await withKey(transport, one, key);
      expect(error).toMatchObject(UNAVAILABLE);
      if (transport === 'REST') expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await sentWrites(gateway)).toEqual([]);
      await stateIsBack();
      const again = await onceSettled(() => withKey(transport, one, key));
      expect([again.error, again.replayed]).toEqual([undefined, false]);
      expect(await sentWrites(gateway)).toHaveLength(1);
    });

    it.each(WRITES)('sends a write without a key: $name', async (one) => {
      lose();
      const { error } = await ask(gateway, transport, one, target);
      expect(error).toBeUndefined();
      expect(await isDone(gateway, one, target)).toBe(true);
      expect(await sentWrites(gateway)).toHaveLength(1);
    });

    it('says why a group that CAMS lists is not identified', async () => {
      lose();
      const { method, path, body } = writeNamed('create a group').rest(target);
      const { status, body: operation } = await gateway.rest(path, { method, body });
      expect([status, operation.status]).toEqual([202, 'PENDING']);
      expect(operation.detail).toMatch(/^The group cannot be identified while the state store/);
      expect(await isDone(gateway, writeNamed('create a group'), target)).toBe(true);
      await stateIsBack();
      const found = await eventually(async () => {
        const { body: now } = await gateway.rest(`/v1/operations/${operation.id}`);
        return now.status === 'PENDING' ? undefined : now;
      });
      expect([found.status, found.detail]).toEqual(['SUCCEEDED', null]);
    });

    it.each(WRITES)('cannot replay an outcome and does not send the write again: $name', async (one) => {
      const key = newKey();
      const first = await withKey(transport, one, key);
      lose();
      expect((await withKey(transport, one, key)).error).toMatchObject(UNAVAILABLE);
      await stateIsBack();
      const again = await withKey(transport, one, key);
      expect([again.replayed, again.told]).toEqual([true, first.told]);
      expect(await sentWrites(gateway)).toHaveLength(1);
    });
  });
});

describe('a state store that fails during a request', () => {
  it('prevents a write that has not been sent yet', async () => {
    const one = writeNamed('update a group');
    const tag = (await gateway.rest(one.rest(target).path)).headers.get('etag') ?? '';
    await gateway.sandbox.forgetCalls();
    await gateway.sandbox.fault({ action: 'ListChatGroup', kind: 'latency', ms: SLOW_MS, count: 1 });
    const key = newKey();
    const headers = { 'if-match': tag };
    const first = askWithKey(gateway, 'REST', one, target, key, { headers });
    await underWay('ListChatGroup');
    proxy.cut();
    const { error } = await first;
    expect(error).toMatchObject(UNAVAILABLE);
    expect(await sentWrites(gateway)).toEqual([]);
    await stateIsBack();
    const again = await onceSettled(() => askWithKey(gateway, 'REST', one, target, key, { headers }));
    expect([again.answer.status, again.replayed]).toEqual([200, false]);
    expect(await sentWrites(gateway)).toHaveLength(1);
  });

  it.each(WRITES)(
    'does not change the response to a write that was sent, and its retry finds the outcome: $name',
    async (one) => {
      await gateway.sandbox.fault({ action: one.action, kind: 'latency', ms: SLOW_MS, count: 1 });
      const key = newKey();
      const first = withKey('REST', one, key);
      await underWay(one.action);
      proxy.cut();
      const { answer, error } = await first;
      // A create operation cannot claim its group now, so it may stay pending.
      expect([error, answer.status < 300]).toEqual([undefined, true]);
      await stateIsBack();
      const under = await withKey('REST', one, key);
      // According to the record, the first request may still be in flight.
      if (under.error) expect(under.error.code).toBe('IDEMPOTENCY_IN_FLIGHT');
      const again = await onceSettled(() => withKey('REST', one, key));
      expect([again.error, again.answer.status, again.replayed]).toEqual([undefined, one.restStatus, true]);
      expect(await sentWrites(gateway)).toHaveLength(1);
    },
  );
});

it('treats a retry as a new request if the state store lost its data', async () => {
  const one = writeNamed('create an invite link');
  const key = newKey();
  await withKey('REST', one, key);
  await redis.flush();
  const again = await withKey('REST', one, key);
  expect([again.error, again.replayed]).toEqual([undefined, false]);
});

it('stores no key, number or group ID in the clear', async () => {
  const key = `secret-${newKey()}`;
  await withKey('REST', writeNamed('update a group'), key);
  const names = await redis.command('KEYS', '*');
  expect(names).toContain('cgs:k:');
  expect(names).not.toContain(key);
  expect(names).not.toContain(ACME.businessNumber);
  expect(names).not.toContain(target.groupId);
});

/** Waits until the call is in flight: CAMS has received it, but its response has not arrived. */
async function underWay(action: string): Promise<void> {
  const lists = action.startsWith('List');
  await eventually(async () => {
    const keys = await redis.command('KEYS', lists ? 'cgs:g:*' : 'cgs:k:*');
    for (const name of keys.split('\n').filter(Boolean)) {
      if (lists || (await redis.command('HGET', name, 'v')).includes('"state":"sent"')) return name;
    }
    return undefined;
  });
}
