import { beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { ACME, type Json, type TestGateway } from '../support/gateway.js';
import { useKeyedGateway } from '../support/keyed-gateway.js';
import {
  type Arranged,
  WRITES,
  askWithKey,
  isDone,
  newKey,
  onceKnown,
  sentWrites,
  writeNamed,
} from '../support/keyed-writes.js';
import { type OperationCase, TRANSPORTS } from '../support/operations.js';

const CALL_MS = 600;
const LATE_MS = 1_500;
const WINDOW_MS = 3_000;
/** Late, but within `LATE_MS`; longer than two requests take on any machine. */
const LATE_APPLY_MS = 1_000;
/** Longer than the first lookup of a group takes on any machine. */
const UNLISTED_MS = 1_500;

const UNKNOWN = { code: 'OUTCOME_UNKNOWN', status: 504, retryable: true };
const NOT_EXECUTED = { code: 'UPSTREAM_UNAVAILABLE', status: 502, retryable: false };

/** Writes to an existing group, by whether reading it back can show that they were not executed. */
const OF_GROUP = WRITES.filter(({ ofGroup }) => ofGroup);
const LINKS = OF_GROUP.filter(({ name }) => name.includes('link'));
const TELLING = OF_GROUP.filter((one) => !LINKS.includes(one));
const CREATE = writeNamed('create a group');

let gateway: TestGateway;
let target: Arranged;

useKeyedGateway(
  ({ direct }) => ({
    STATE_REDIS_URL: direct,
    CAMS_TIMEOUT_MS: String(CALL_MS),
    CAMS_LATE_APPLY_MS: String(LATE_MS),
    CREATE_RESOLVE_TIMEOUT_MS: '0',
    OPERATION_WINDOW_MS: String(WINDOW_MS),
  }),
  (fresh) => ({ gateway, target } = fresh),
);
beforeEach(() => gateway.sandbox.behave({ unlistedMs: 0 }));

const loseNext = ({ action }: OperationCase, kind: string, more = {}): Promise<void> =>
  gateway.sandbox.fault({ action, kind, count: 1, ...more });

const AFTER_APPLY = [
  ['connection reset', 'reset-after-apply', {}],
  ['no response in time', 'hang-after-apply', {}],
  ['truncated response', 'malformed', {}],
  ['CAMS error', 'http500', { apply: true }],
  ['HTML page', 'html502', { apply: true }],
] as const;

const BEFORE_APPLY = [
  ['connection reset', 'reset'],
  ['no response in time', 'hang'],
  ['CAMS error', 'http500'],
] as const;

describe.each(TRANSPORTS)('over %s', (transport) => {
  describe.each(AFTER_APPLY)('an executed write whose response is lost: %s', (_, kind, more) => {
    it.each(OF_GROUP)(
      'is recognised as executed when it is retried, and not sent again: $name',
      async (one) => {
        await loseNext(one, kind, more);
        const key = newKey();
        const first = await askWithKey(gateway, transport, one, target, key);
        expect(first.error).toMatchObject(UNKNOWN);
        expect(first.replayed).toBe(false);
        expect(await isDone(gateway, one, target)).toBe(true);
        const [second, third] = [
          await askWithKey(gateway, transport, one, target, key),
          await askWithKey(gateway, transport, one, target, key),
        ];
        for (const again of [second, third]) {
          expect([again.error, again.replayed]).toEqual([undefined, true]);
          expect(again.answer.status).toBe(transport === 'REST' ? one.restStatus : 200);
        }
        expect(third.told).toEqual(second.told);
        expect(await sentWrites(gateway)).toEqual([`${one.action} ${target.groupId}`]);
      },
    );

    it('is found by the request itself if it created a group', async () => {
      await loseNext(CREATE, kind, more);
      const key = newKey();
      const first = await askWithKey(gateway, transport, CREATE, target, key);
      expect([first.error, first.replayed]).toEqual([undefined, false]);
      const again = await askWithKey(gateway, transport, CREATE, target, key);
      expect([again.error, again.replayed]).toEqual([undefined, true]);
      expect(groupOf(again.data)).toEqual(groupOf(first.data));
      expect(await sentWrites(gateway)).toHaveLength(1);
    });
  });

  it('finds a group that is listed late when the create request is retried', async () => {
    await gateway.sandbox.behave({ unlistedMs: UNLISTED_MS });
    await loseNext(CREATE, 'reset-after-apply');
    const key = newKey();
    const first = await askWithKey(gateway, transport, CREATE, target, key);
    expect(first.error).toMatchObject({ ...UNKNOWN, operationId: expect.stringMatching(/^op_/) });
    const found = await onceKnown(() => askWithKey(gateway, transport, CREATE, target, key));
    expect([found.error, found.replayed]).toEqual([undefined, true]);
    const { groupId } = transport === 'REST' ? found.data : found.data.chatGroup;
    const made = (await gateway.sandbox.groups(ACME)).filter(({ subject }) => subject === target.subject);
    expect(made.map((group) => group.groupId)).toEqual([groupId]);
    expect(await sentWrites(gateway)).toHaveLength(1);
  });

  it.each(TELLING)('finds a write that CAMS executes late: $name', async (one) => {
    // The first retry finds nothing and does not send the write again.
    await loseNext(one, 'late-apply', { ms: LATE_APPLY_MS });
    const key = newKey();
    for (const _ of ['sent', 'reconciled']) {
      const { error } = await askWithKey(gateway, transport, one, target, key);
      expect(error).toMatchObject(UNKNOWN);
    }
    const late = await onceKnown(() => askWithKey(gateway, transport, one, target, key));
    expect([late.error, late.replayed]).toEqual([undefined, true]);
    expect(await isDone(gateway, one, target)).toBe(true);
    expect(await sentWrites(gateway)).toHaveLength(1);
  });

  it.each(BEFORE_APPLY)(
    'fails a write that was not executed once CAMS can no longer execute it: %s',
    async (_, kind) => {
      const tries = [...LINKS, ...TELLING].map((one) => ({ one, key: newKey() }));
      for (const { one, key } of tries) {
        await loseNext(one, kind);
        expect((await askWithKey(gateway, transport, one, target, key)).error).toMatchObject(UNKNOWN);
      }
      const [{ one: last, key: lastKey }] = tries.slice(-1) as [(typeof tries)[number]];
      const sooner = await askWithKey(gateway, transport, last, target, lastKey);
      expect([sooner.error.code, sooner.replayed]).toEqual(['OUTCOME_UNKNOWN', false]);
      for (const { one, key } of tries.filter((each) => TELLING.includes(each.one))) {
        const told = await onceKnown(() => askWithKey(gateway, transport, one, target, key));
        expect(told.error).toMatchObject(NOT_EXECUTED);
        const again = await askWithKey(gateway, transport, one, target, key);
        expect([again.replayed, again.told]).toEqual([true, told.told]);
      }
      // Although these are older, an unchanged link does not show whether it was replaced.
      for (const { one, key } of tries.filter((each) => LINKS.includes(each.one))) {
        expect((await askWithKey(gateway, transport, one, target, key)).error).toMatchObject(UNKNOWN);
      }
      expect(await sentWrites(gateway)).toHaveLength(tries.length);
    },
  );

  it.each(BEFORE_APPLY)(
    'fails a create request that was not executed once its operation has ended: %s',
    async (_, kind) => {
      await loseNext(CREATE, kind);
      const key = newKey();
      const first = await askWithKey(gateway, transport, CREATE, target, key);
      expect(first.error).toMatchObject(UNKNOWN);
      const told = await onceKnown(() => askWithKey(gateway, transport, CREATE, target, key));
      const { operationId } = first.error;
      expect(told.error).toMatchObject({ ...NOT_EXECUTED, operationId });
      expect((await gateway.rest(`/v1/operations/${operationId}`)).body.status).toBe('UNRESOLVED');
      const again = await askWithKey(gateway, transport, CREATE, target, key);
      expect([again.replayed, again.told]).toEqual([true, told.told]);
      expect(await sentWrites(gateway)).toHaveLength(1);
      const fresh = await askWithKey(gateway, transport, CREATE, target, newKey());
      expect(fresh.error).toBeUndefined();
    },
  );
});

it('does not mark an unknown outcome as retryable without a key', async () => {
  const [one] = TELLING as [OperationCase];
  await loseNext(one, 'reset-after-apply');
  const { path, ...request } = one.rest(target);
  const { body } = await gateway.rest(path, request);
  expect(body).toMatchObject({ ...UNKNOWN, retryable: false });
});

it('keeps the outcome unknown while CAMS cannot be read and returns it afterwards', async () => {
  const one = writeNamed('delete a group');
  await loseNext(one, 'reset-after-apply');
  const key = newKey();
  await askWithKey(gateway, 'REST', one, target, key);
  await gateway.sandbox.fault({ action: 'ListChatGroup', kind: 'http500' });
  const blind = await askWithKey(gateway, 'REST', one, target, key);
  expect(blind.error).toMatchObject(UNKNOWN);
  await gateway.sandbox.clearFaults();
  const seeing = await askWithKey(gateway, 'REST', one, target, key);
  expect([seeing.answer.status, seeing.replayed]).toEqual([204, true]);
  expect(await sentWrites(gateway)).toHaveLength(1);
});

describe('a create request whose outcome the lists do not show', () => {
  let key: string;
  let operationId: string;
  beforeEach(async () => {
    key = newKey();
    await gateway.sandbox.behave({ unlistedMs: UNLISTED_MS });
    await loseNext(CREATE, 'reset-after-apply');
    const { error } = await askWithKey(gateway, 'REST', CREATE, target, key);
    ({ operationId } = error);
  });
  const shown = async (): Promise<Json> => (await gateway.rest(`/v1/operations/${operationId}`)).body;

  it('is found after its time window if CAMS can be read again', async () => {
    await gateway.sandbox.fault({ action: 'ListChatGroup', kind: 'http500' });
    await sleep(WINDOW_MS);
    const { attempts } = await shown();
    await eventually(async () => (await shown()).attempts > attempts || undefined);
    expect((await shown()).status).toBe('PENDING');
    await gateway.sandbox.clearFaults();
    const found = await onceKnown(() => askWithKey(gateway, 'REST', CREATE, target, key));
    expect([found.error, found.replayed]).toEqual([undefined, true]);
    expect(await sentWrites(gateway)).toHaveLength(1);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['CAMS cannot be read', () => gateway.sandbox.fault({ action: 'ListChatGroup', kind: 'http500' })],
    [
      'other groups have the subject, too',
      async () => {
        const outside = { op: 'create', ...ACME, subject: target.subject };
        for (const _ of [1, 2]) await gateway.sandbox.changeGroup(outside);
      },
    ],
  ])('is given up, but never reported as not executed: %s', async (_, arrange) => {
    await arrange();
    await eventually(async () => (await shown()).status === 'UNRESOLVED' || undefined);
    const { error } = await askWithKey(gateway, 'REST', CREATE, target, key);
    expect(error).toMatchObject({ ...UNKNOWN, operationId });
    expect(await sentWrites(gateway)).toHaveLength(1);
  });
});

it('treats a group that is being deleted as deleted', async () => {
  const one = writeNamed('delete a group');
  await loseNext(one, 'reset');
  const key = newKey();
  expect((await askWithKey(gateway, 'REST', one, target, key)).error).toMatchObject(UNKNOWN);
  await gateway.sandbox.changeGroup({ op: 'update', groupId: target.groupId, status: 'DELETING' });
  expect((await askWithKey(gateway, 'REST', one, target, key)).answer.status).toBe(204);
});

/** Returns the group in a create response of either transport. */
function groupOf(data: Json): Json {
  return data.chatGroup ?? data;
}
