import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { BYPASS, HIT, MISS, settleGroups } from '../support/cached-lists.js';
import { ACME, ACME_KEY } from '../support/gateway.js';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway-process.js';
import { Herd, type HerdAnswer, mostAtOnce } from '../support/redis-herd.js';
import { RedisServer } from '../support/redis-server.js';
import { outlivesQuarantine } from '../support/redis-time.js';
import type { LoggedCall } from '../support/sandbox-control.js';

const READERS = 1_000;
const REPLICAS = 3;
const CALL_MS = 4_000;
const LATE_MS = 250;
/** Long enough for a busy machine to send all requests. */
const LIST_MS = 2_500;
const COLLAPSED = 'chatgroup-gateway; fwd=miss; collapsed';
const GROUPS = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;

/** Processes as an operator would start them. Each has its own sandbox, whose log shows the lists of that replica. */
let replicas: GatewayProcess[];
let redis: RedisServer;
let herd: Herd;

beforeAll(async () => {
  redis = await RedisServer.start();
  const settings = {
    REDIS_URL: redis.url,
    TENANTS_FILE: 'test/support/tenants.quotas.yaml',
    LOG_LEVEL: 'fatal',
    CAMS_TIMEOUT_MS: String(CALL_MS),
    CAMS_LATE_APPLY_MS: String(LATE_MS),
  };
  replicas = await Promise.all(
    Array.from({ length: REPLICAS }, () => startGatewayProcess(settings, ACME_KEY)),
  );
  await outlivesQuarantine(redis, CALL_MS + LATE_MS);
  herd = new Herd(
    replicas.map(({ url }) => url),
    READERS,
  );
});
afterAll(async () => {
  herd.close();
  await Promise.all(replicas.map((replica) => replica.close()));
  await redis.stop();
});
beforeEach(async () => {
  for (const replica of replicas) {
    await replica.sandbox.reset();
    await settleGroups(replica);
    await replica.sandbox.fault({ kind: 'latency', action: 'ListChatGroup', ms: LIST_MS });
  }
  // Opens the connections, and warms up authentication on every replica.
  expect(statuses((await herd.read('/v1/viewer')).answers)).toEqual([200]);
});

const statuses = (answers: readonly HerdAnswer[]): number[] => [
  ...new Set(answers.map(({ status }) => status)),
];

/** Returns the list calls of each replica. */
async function lists(): Promise<LoggedCall[][]> {
  return Promise.all(replicas.map(({ sandbox }) => sandbox.calls('ListChatGroup')));
}

it('serves 1,000 cold reads across three replicas with one list', async () => {
  const { answers, sentBeforeFirstAnswer } = await herd.read(GROUPS);
  expect(sentBeforeFirstAnswer).toBe(READERS);
  expect(statuses(answers)).toEqual([200]);
  expect((await lists()).flat()).toHaveLength(1);
  const told = Map.groupBy(answers, ({ headers }) => headers['cache-status']);
  // Concurrent readers share one lookup, so several of them may report a miss.
  for (const status of told.keys())
    expect(status).toMatch(new RegExp(`^(${MISS}|${COLLAPSED})$|${HIT.source}`));
  expect(new Set(answers.map(({ text }) => JSON.parse(text).data[0].groupId)).size).toBe(1);
});

it('serves 1,000 reads without Redis with at most two concurrent lists per replica', async () => {
  await redis.kill();
  const { answers, sentBeforeFirstAnswer } = await herd.read(GROUPS);
  expect(sentBeforeFirstAnswer).toBe(READERS);
  expect(statuses(answers)).toEqual([200]);
  expect(new Set(answers.map(({ headers }) => headers['cache-status']))).toEqual(new Set([BYPASS]));
  for (const calls of await lists()) {
    expect(mostAtOnce(calls)).toBeLessThanOrEqual(2);
    expect(calls.length).toBeLessThan(10);
  }
});
