import { expect, it } from '@jest/globals';
import { cachedIn } from '../support/cached-lists.js';
import {
  ACME,
  type Answer,
  GLOBEX_KEY,
  type TestGateway,
  startTestGateway,
  startTestReplicas,
} from '../support/gateway.js';
import { FAST_PATH } from '../support/fast-path-of-project.js';
import { RedisServer } from '../support/redis-server.js';
import { outlivesQuarantine } from '../support/redis-time.js';

const QUERY = `{
  chatGroups(businessNumber: "8613900000001", first: 100) { nodes { id subject description inviteLink profilePictureUrl groupLink status etag } edges { node { id } } }
}`;

const TENANTS_FILE = 'test/support/tenants.quotas.yaml';
/** Requests per minute of the tenant. */
const LIMIT = 3;
const CALL_MS = 2_000;
const LATE_MS = 300;

const leftOf = ({ headers }: Answer): number => Number(/;r=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1]);

it.each([0, 1, LIMIT - 1])(
  'after %i others, a response that counts as more than is left passes, and uses up what is left',
  async (others) => {
    const gateway = await startTestGateway({ TENANTS_FILE });
    try {
      for (let n = 0; n < others; n += 1)
        expect((await gateway.rest('/v1/viewer', { key: GLOBEX_KEY })).status).toBe(200);
      const headers = { 'GraphQL-Cost': 'include' };
      const large = await gateway.graphql(QUERY, {}, { key: GLOBEX_KEY, headers });
      expect(large.body.extensions.cost.responseBytes).toBeGreaterThan(LIMIT * 32 * 1024);
      expect([large.status, large.body.errors, leftOf(large)]).toEqual([200, undefined, 0]);
      const refused = await gateway.graphql(QUERY, {}, { key: GLOBEX_KEY });
      expect([refused.status, refused.body.errors[0].message]).toEqual([
        429,
        `You have reached your limit of ${LIMIT} requests per minute.`,
      ]);
    } finally {
      await gateway.close();
    }
  },
);

it('a response counts as one request per 32 KiB of its predicted size', async () => {
  const gateway = await startTestGateway({ TENANTS_FILE });
  try {
    const before = await gateway.rest('/v1/viewer');
    const headers = { 'GraphQL-Cost': 'include' };
    const many = `{ chatGroups(businessNumber: "8613800000001", first: 20) { nodes { participants { id } } } }`;
    for (const query of [QUERY.replaceAll('86139', '86138'), '{ viewer { tenantId } }', many]) {
      const from = leftOf(await gateway.rest('/v1/viewer'));
      const answer = await gateway.graphql(query, {}, { headers });
      const units = Math.ceil(answer.body.extensions.cost.responseBytes / (32 * 1024));
      expect(from - leftOf(answer)).toBe(units);
    }
    expect(leftOf(before)).toBeGreaterThan(100);
  } finally {
    await gateway.close();
  }
});

const LARGE = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups?size=1&subject=Large`;
const COUNT = 100;

/** Creates groups whose list has 3 bytes for each of a thousand characters of each. */
async function createLarge({ sandbox }: TestGateway): Promise<void> {
  await sandbox.createGroups(COUNT, { ...ACME, subject: 'Large', description: '\u6f22'.repeat(1_000) });
}

/** Returns how many requests the tenant has used for reading a list, by default the large one, and for asking that. */
async function usedFor(gateway: TestGateway, list = LARGE): Promise<number> {
  const from = leftOf(await gateway.rest('/v1/viewer'));
  expect((await gateway.rest(list)).status).toBe(200);
  return from - leftOf(await gateway.rest('/v1/viewer'));
}

it('a response of CAMS counts as one request more per 64 KiB, whatever the client selects', async () => {
  const gateway = await startTestGateway({ TENANTS_FILE });
  try {
    await createLarge(gateway);
    const used = await usedFor(gateway);
    // Two requests that count as one each. The first chunk of a response is not counted.
    const counted = [COUNT * 3_000 - 64 * 1024, COUNT * 4_000];
    const [least, most] = counted.map((bytes) => 2 + Math.floor(bytes / (64 * 1024)));
    expect(used).toBeGreaterThanOrEqual(least ?? 0);
    expect(used).toBeLessThanOrEqual(most ?? 0);
    // What CAMS sends is counted once it has come: the response itself says that one request was used.
    const left = leftOf(await gateway.rest('/v1/viewer'));
    expect(leftOf(await gateway.rest(LARGE))).toBe(left - 1);
  } finally {
    await gateway.close();
  }
});

it('so does a page that is read from Redis, until this instance holds it', async () => {
  const redis = await RedisServer.start();
  await outlivesQuarantine(redis, CALL_MS + LATE_MS);
  const settings = { ...cachedIn(redis.url, CALL_MS, LATE_MS), TENANTS_FILE };
  const [first, second] = (await startTestReplicas(2, settings)) as [TestGateway, TestGateway];
  try {
    await createLarge(first);
    await usedFor(first);
    await first.sandbox.forgetCalls();
    const least = 2 + Math.floor((COUNT * 3_000) / (64 * 1024));
    // A page is held after it was read twice.
    for (const _ of [1, 2]) expect(await usedFor(second)).toBeGreaterThanOrEqual(least);
    expect(await usedFor(second)).toBe(2);
    expect(await first.sandbox.calls('ListChatGroup')).toEqual([]);
  } finally {
    for (const gateway of [second, first]) await gateway.close();
    await redis.stop();
  }
});

it('so does a response that is rendered from a page that this instance holds, unless it is in memory too', async () => {
  const gateway = await startTestGateway({ TENANTS_FILE, CACHE_FRESH_MS: '15000' });
  try {
    await createLarge(gateway);
    await usedFor(gateway);
    await usedFor(gateway);
    const whole = LARGE.replace('size=1&', 'size=99&');
    const used = await usedFor(gateway, whole);
    const bytes = Buffer.byteLength((await gateway.rest(whole)).text);
    expect(bytes).toBeGreaterThan(99 * 3_000);
    expect(used).toBe(2 + Math.floor(bytes / (64 * 1024)));
    // Without the fast path, responses are not kept.
    expect(await usedFor(gateway, whole)).toBe(FAST_PATH === 'on' ? 2 : used);
  } finally {
    await gateway.close();
  }
});

it('a cursor whose rows are gone counts as one more for every page that is searched for them', async () => {
  const gateway = await startTestGateway({ TENANTS_FILE, CAMS_PAGE_SIZE: '5' });
  try {
    await gateway.sandbox.createGroups(60, { ...ACME, subject: 'Walk' });
    const path = LARGE.replace(/\?.*/, '?size=5');
    const { body } = await gateway.rest(`${path}&page=6`);
    const cursor: string = body.page.endCursor;
    expect(await usedFor(gateway, `${path}&after=${cursor}`)).toBe(2);
    const forged = Buffer.from(cursor, 'base64url').fill(0, 12).toString('base64url');
    expect(await usedFor(gateway, `${path}&after=${forged}`)).toBe(2 + 6);
  } finally {
    await gateway.close();
  }
});

it('a list of operations counts as five more for every further hundred that it reads', async () => {
  const gateway = await startTestGateway({ TENANTS_FILE, CREATE_RESOLVE_TIMEOUT_MS: '0' });
  try {
    const path = LARGE.replace(/\?.*/, '');
    for (let n = 0; n < 101; n += 1)
      await gateway.rest(path, { method: 'POST', body: { subject: `Made ${n}` } });
    expect(await usedFor(gateway, '/v1/operations?size=20')).toBe(2);
    expect(await usedFor(gateway, '/v1/operations?status=UNRESOLVED')).toBe(7);
  } finally {
    await gateway.close();
  }
});
