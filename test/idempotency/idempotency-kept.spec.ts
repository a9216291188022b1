import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TcpGate } from '../support/tcp-gate.js';
import { eventually } from '../support/eventually.js';
import { startGatewayBehind } from '../support/gateway-behind.js';
import { ACME, type TestGateway, startTestGateway } from '../support/gateway.js';
import {
  type Arranged,
  WRITES,
  WRITES_TENANTS,
  arrangeTarget,
  askWithKey,
  isDone,
  newKey,
  onceSettled,
  sentWrites,
  withContent,
  writeNamed,
} from '../support/keyed-writes.js';
import { type OperationCase, TRANSPORTS } from '../support/operations.js';
import { RedisServer } from '../support/redis-server.js';

const STRANGER = '8613700000011';

let redis: RedisServer;
let gateway: TestGateway;
let gate: TcpGate;
/** Second gateway in front of the same sandbox, connected through the gate. */
let behind: TestGateway;
let target: Arranged;

beforeAll(async () => {
  redis = await RedisServer.start();
  const settings = { ...WRITES_TENANTS, STATE_REDIS_URL: redis.url };
  gateway = await startTestGateway(settings);
  gate = await TcpGate.to(Number(new URL(gateway.sandbox.url).port));
  behind = await startGatewayBehind(gate.port, gateway.sandbox.url, settings);
});
afterAll(async () => {
  await behind.close();
  await gate.shut();
  await gateway.close();
  await redis.stop();
});
beforeEach(async () => {
  await gateway.sandbox.reset();
  target = await arrangeTarget([gateway, behind], ACME);
});
afterEach(async () => {
  await gate.shut();
  await gate.open();
});

describe.each(TRANSPORTS)('over %s', (transport) => {
  describe.each([
    ['throttled', { kind: 'throttle' }, 'UPSTREAM_THROTTLED'],
    ['not allowed', { kind: 'reject', code: 'Product.Unsubscript' }, 'UPSTREAM_NOT_ALLOWED'],
    ['not granted', { kind: 'reject', code: 'NoPermission' }, 'UPSTREAM_NOT_ALLOWED'],
  ])('a write that CAMS did not execute because it is %s', (_, fault, code) => {
    it.each(WRITES)('leaves no record and is executed on retry: $name', async (one) => {
      await gateway.sandbox.fault({ action: one.action, ...fault });
      const key = newKey();
      for (const __ of [1, 2]) {
        const { error, replayed } = await askWithKey(gateway, transport, one, target, key);
        expect([error.code, replayed]).toEqual([code, false]);
      }
      await gateway.sandbox.clearFaults();
      const again = await onceSettled(() => askWithKey(gateway, transport, one, target, key));
      expect([again.error, again.replayed]).toEqual([undefined, false]);
      expect(await isDone(gateway, one, target)).toBe(true);
    });
  });

  it.each(WRITES)('leaves no record if the connection is refused: $name', async (one) => {
    const key = newKey();
    await gate.shut();
    const { error } = await askWithKey(behind, transport, one, target, key);
    expect(error).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', retryable: true });
    await gate.open();
    const again = await onceSettled(() => askWithKey(behind, transport, one, target, key));
    expect([again.error, again.replayed]).toEqual([undefined, false]);
    expect(await isDone(gateway, one, target)).toBe(true);
    expect(await sentWrites(gateway)).toHaveLength(1);
  });

  it.each(WRITES.filter(({ ofGroup }) => ofGroup))(
    'leaves no record for an unknown group: $name',
    async (one) => {
      const key = newKey();
      const nowhere = { ...target, groupId: 'NOSUCHGROUP0000000000000' };
      for (const _ of [1, 2]) {
        const { error, replayed } = await askWithKey(gateway, transport, one, nowhere, key);
        expect([error.code, replayed]).toEqual(['NOT_FOUND', false]);
      }
      const other = await askWithKey(gateway, transport, one, target, key);
      expect([other.error, other.replayed]).toEqual([undefined, false]);
    },
  );

  it('leaves no record for a removal without matching members', async () => {
    const remove = withContent(writeNamed('remove members'), { phoneNumbers: [STRANGER] });
    const key = newKey();
    const first = await askWithKey(gateway, transport, remove, target, key);
    expect(first.error).toMatchObject({ code: 'NOT_FOUND' });
    await gateway.sandbox.changeMember({ op: 'join', groupId: target.groupId, phoneNumber: STRANGER });
    const again = await askWithKey(gateway, transport, remove, target, key);
    expect([again.error, again.replayed, again.data.removedCount]).toEqual([undefined, false, 1]);
  });

  it('leaves no record for a create request that conflicts with another one for its subject', async () => {
    const one = writeNamed('create a group');
    await gateway.sandbox.fault({ action: 'AddChatGroup', kind: 'latency', ms: 2_000, count: 1 });
    const first = askWithKey(gateway, transport, one, target, newKey());
    const key = newKey();
    await eventually(async () => ((await redis.command('KEYS', 'cgs:s:*')) === '' ? undefined : true));
    const refused = await askWithKey(gateway, transport, one, target, key);
    expect(refused.error).toMatchObject({ code: 'CONFLICT' });
    await first;
    const again = await askWithKey(gateway, transport, one, target, key);
    expect([again.error, again.replayed]).toEqual([undefined, false]);
  });

  it.each(WRITES)('replays a rejection by CAMS without sending the write again: $name', async (one) => {
    const code = 'InvalidParameter.Anything';
    await gateway.sandbox.fault({ action: one.action, kind: 'reject', code, count: 1 });
    const key = newKey();
    const first = await askWithKey(gateway, transport, one, target, key);
    expect(first.error).toMatchObject({ code: 'UPSTREAM_REJECTED', upstreamCode: code });
    expect(first.error.upstreamRequestId).toMatch(/^\S+$/);
    const again = await askWithKey(gateway, transport, one, target, key);
    expect(again.replayed).toBe(true);
    expect([again.answer.status, again.error]).toEqual([
      first.answer.status,
      { ...first.error, requestId: again.error.requestId },
    ]);
    expect(await sentWrites(gateway)).toHaveLength(1);
  });

  it.each([
    ['131041', 'NOT_FOUND'],
    ['131209', 'VALIDATION_FAILED'],
  ])('replays that WhatsApp refused an update for good: %s', async (code, expected) => {
    const one = writeNamed('update a group');
    await gateway.sandbox.fault({ action: one.action, kind: 'reject', code, count: 1 });
    const key = newKey();
    const first = await askWithKey(gateway, transport, one, target, key);
    expect(first.error).toMatchObject({ code: expected, upstreamCode: code });
    const again = await askWithKey(gateway, transport, one, target, key);
    expect(again.error).toEqual({ ...first.error, requestId: again.error.requestId });
    expect(await sentWrites(gateway)).toHaveLength(1);
  });

  it.each(WRITES.filter(({ name }) => !/create/.test(name)))(
    'replays that a write affected nothing without sending it again: $name',
    async (one) => {
      const body = '{"Code":"OK","RequestId":"upstream-1","Result":0}';
      await gateway.sandbox.fault({ action: one.action, kind: 'raw', body, count: 1 });
      const key = newKey();
      const first = await askWithKey(gateway, transport, one, target, key);
      expect(first.error).toMatchObject({ code: 'NOT_FOUND', upstreamRequestId: 'upstream-1' });
      const again = await askWithKey(gateway, transport, one, target, key);
      expect(again.replayed).toBe(true);
      expect(again.error).toMatchObject({ code: 'NOT_FOUND', upstreamRequestId: 'upstream-1' });
      expect(await sentWrites(gateway)).toHaveLength(1);
    },
  );

  it.each(WRITES.filter(({ ofGroup }) => ofGroup))(
    'keeps the key free if the caller has no access: $name',
    async (one: OperationCase) => {
      const key = newKey();
      const mine = { ...target, custSpaceId: 'cams-nobody' };
      expect((await askWithKey(gateway, transport, one, mine, key)).error).toMatchObject({
        code: 'NOT_FOUND',
      });
      const again = await askWithKey(gateway, transport, one, target, key);
      expect([again.error, again.replayed]).toEqual([undefined, false]);
    },
  );
});

describe('a failed If-Match condition', () => {
  it.each(['update a group', 'delete a group'])(
    'leaves no record and may succeed later: %s',
    async (name) => {
      const one = writeNamed(name);
      const { path } = one.rest(target);
      const headers = { 'if-match': (await gateway.rest(path)).headers.get('etag') ?? '' };
      const outside = (subject: string): Promise<unknown> =>
        gateway.sandbox.changeGroup({ op: 'update', groupId: target.groupId, subject });
      await outside('Changed outside');
      const key = newKey();
      for (const _ of [1, 2]) {
        const { error, replayed } = await askWithKey(gateway, 'REST', one, target, key, { headers });
        expect([error.code, replayed]).toEqual(['PRECONDITION_FAILED', false]);
      }
      await outside('Arranged');
      const again = await askWithKey(gateway, 'REST', one, target, key, { headers });
      expect([again.error, again.replayed]).toEqual([undefined, false]);
      expect(await sentWrites(gateway)).toHaveLength(1);
    },
  );
});
