import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ACME, type Answer, type TestGateway, startTestReplicas } from '../support/gateway.js';
import { RedisServer } from '../support/redis-server.js';
import { outlivesQuarantine } from '../support/redis-time.js';

const CALL_MS = 2_000;
const LATE_MS = 300;
const SETTLE_MS = 1_000;
const GROUPS = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;

let redis: RedisServer;
let first: TestGateway;
let second: TestGateway;

beforeAll(async () => {
  redis = await RedisServer.start();
  await outlivesQuarantine(redis, CALL_MS + LATE_MS);
  [first, second] = (await startTestReplicas(2, {
    REDIS_URL: redis.url,
    CAMS_TIMEOUT_MS: String(CALL_MS),
    CAMS_LATE_APPLY_MS: String(LATE_MS),
    CACHE_SETTLE_MS: String(SETTLE_MS),
  })) as [TestGateway, TestGateway];
});
afterAll(async () => {
  await first.close();
  await second.close();
  await redis.stop();
});
beforeEach(() => first.sandbox.reset());

const askFor = (gateway: TestGateway, groupId: string): Promise<Answer> =>
  gateway.rest(`${GROUPS}/${groupId}`);
const nobody = (): string => crypto.randomUUID().replaceAll('-', '').slice(0, 24).toUpperCase();
const scans = async (): Promise<number> => (await first.sandbox.calls('ListChatGroup')).length;

describe('a group that was just created on another replica', () => {
  it('is found by a replica that scanned the number a moment ago', async () => {
    expect((await askFor(second, nobody())).status).toBe(404);
    const made = await first.rest(GROUPS, { method: 'POST', body: { subject: 'Made over there' } });
    expect([made.status, made.headers.get('coherence')]).toEqual([201, 'coherent']);
    const found = await askFor(second, made.body.groupId);
    expect([found.status, found.body.subject]).toEqual([200, 'Made over there']);
  });

  it('can be changed through that replica', async () => {
    expect((await askFor(second, nobody())).status).toBe(404);
    const made = await first.rest(GROUPS, { method: 'POST', body: { subject: 'Made over there' } });
    const changed = await second.rest(`${GROUPS}/${made.body.groupId}`, {
      method: 'PATCH',
      body: { subject: 'Changed over here' },
    });
    expect(changed.status).toBe(200);
  });
});

it('returns 404 for the members of a group that another replica deleted', async () => {
  const [group] = await first.sandbox.groups(ACME);
  const members = `${GROUPS}/${group?.groupId}/participants`;
  expect((await second.rest(members)).status).toBe(200);
  expect((await first.rest(`${GROUPS}/${group?.groupId}`, { method: 'DELETE' })).status).toBe(204);
  expect((await second.rest(members)).status).toBe(404);
});

it('scans at most once every two seconds for unknown IDs while nothing is written', async () => {
  // After these requests, no earlier write is still settling.
  await askFor(second, nobody());
  await askFor(second, nobody());
  await first.sandbox.forgetCalls();
  const startedAtMs = performance.now();
  for (let asked = 0; asked < 20; asked += 1) expect((await askFor(second, nobody())).status).toBe(404);
  const intervals = Math.floor((performance.now() - startedAtMs) / 2_000);
  expect(await scans()).toBeLessThanOrEqual(intervals + 1);
});

it('scans at most every two seconds during writes', async () => {
  await first.sandbox.forgetCalls();
  const startedAtMs = performance.now();
  const [group] = await first.sandbox.groups(ACME);
  const writing = (async () => {
    for (let write = 0; write < 5; write += 1) {
      await first.rest(`${GROUPS}/${group?.groupId}`, { method: 'PATCH', body: { description: `${write}` } });
      await askFor(second, nobody());
    }
  })();
  const answers = await Promise.all(Array.from({ length: 50 }, () => askFor(second, nobody())));
  await writing;
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
  const intervals = Math.floor((performance.now() - startedAtMs) / 2_000);
  // Each write reads the group back.
  const reads = (await first.sandbox.calls('UpdateChatGroup')).length * 2;
  expect((await scans()) - reads).toBeLessThanOrEqual(intervals + 2);
});
