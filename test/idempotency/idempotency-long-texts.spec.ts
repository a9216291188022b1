import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { ACME, type Answer, type TestGateway, startTestReplicas } from '../support/gateway.js';
import { RedisServer } from '../support/redis-server.js';

const GROUPS = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;
/** The longest description, which takes 6 KiB. */
const DESCRIPTION = '字'.repeat(2_048);
const LARGEST = `local most = 0
for _, key in ipairs(redis.call('KEYS', 'cgs:*')) do
  if redis.call('TYPE', key).ok == 'hash' then most = math.max(most, redis.call('HSTRLEN', key, 'v')) end
end
return most`;

let redis: RedisServer;
let first: TestGateway;
let second: TestGateway;
beforeAll(async () => {
  redis = await RedisServer.start();
  const settings = { STATE_REDIS_URL: redis.url, CREATE_RESOLVE_TIMEOUT_MS: '5000' };
  [first, second] = (await startTestReplicas(2, settings)) as [TestGateway, TestGateway];
});
afterAll(async () => {
  await first.close();
  await second.close();
  await redis.stop();
});
beforeEach(() => first.sandbox.reset());

type Sender = (gateway: TestGateway) => Promise<Answer>;

/** Returns a function that sends the same write, with the same key, through any gateway. */
function sending(method: string, path: string, body: unknown): Sender {
  const key = randomUUID();
  return (gateway) => gateway.rest(path, { method, body, headers: { 'idempotency-key': key } });
}

async function expectReplay(send: Sender, at: TestGateway, original: Answer): Promise<void> {
  const replayed = await send(at);
  expect(replayed.headers.get('idempotency-replayed')).toBe('true');
  expect([replayed.status, replayed.headers.get('etag')]).toEqual([
    original.status,
    original.headers.get('etag'),
  ]);
  expect(replayed.body).toEqual(original.body);
}

it('keeps records small, and replays the long texts that they do not contain', async () => {
  const create = sending('POST', GROUPS, { subject: randomUUID(), description: DESCRIPTION });
  const created = await create(first);
  expect([created.status, created.body.description]).toEqual([201, DESCRIPTION]);
  const path = `${GROUPS}/${created.body.groupId}`;
  const describe = sending('PATCH', path, { description: `${DESCRIPTION.slice(1)}!` });
  const described = await describe(first);
  const rename = sending('PATCH', path, { subject: 'Another' });
  const renamed = await rename(first);
  expect(renamed.body.description).toBe(`${DESCRIPTION.slice(1)}!`);
  const replies: [Sender, Answer][] = [
    [create, created],
    [describe, described],
    [rename, renamed],
  ];
  for (const [send, original] of replies)
    for (const at of [first, second]) await expectReplay(send, at, original);
  expect(Number(await redis.command('EVAL', LARGEST, 0))).toBeLessThan(1_500);
});

it('replays a write to a group that no longer exists, without the text', async () => {
  const { groupId } = await first.sandbox.changeGroup({
    op: 'create',
    ...ACME,
    subject: 'Short-lived',
    description: DESCRIPTION,
  });
  const rename = sending('PATCH', `${GROUPS}/${groupId}`, { subject: 'Another' });
  const renamed = await rename(first);
  await first.sandbox.changeGroup({ op: 'delete', groupId });
  const replayed = await rename(second);
  expect([replayed.status, replayed.body.subject]).toEqual([renamed.status, 'Another']);
  expect(replayed.body.description).toBeNull();
});

it('does not send a write while the memory of the state store is full', async () => {
  const [group] = await first.sandbox.groups(ACME);
  const path = `${GROUPS}/${group?.groupId}`;
  const known = sending('PATCH', path, { description: 'before' });
  expect((await known(first)).status).toBe(200);
  await redis.fill();
  await first.sandbox.forgetCalls();
  const refused = await sending('PATCH', path, { description: 'while' })(first);
  expect([refused.status, refused.body.code]).toEqual([503, 'STATE_UNAVAILABLE']);
  expect(await first.sandbox.calls()).toEqual([]);
  expect((await known(second)).headers.get('idempotency-replayed')).toBe('true');
  await redis.unfill();
  expect((await sending('PATCH', path, { description: 'after' })(first)).status).toBe(200);
});
