import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HIT, cacheStatus, cachedIn, expectTruth, readList, settleGroups } from '../support/cached-lists.js';
import { eventually } from '../support/eventually.js';
import { ACME, type TestGateway, startTestGateway } from '../support/gateway.js';
import {
  OPERATIONS,
  type Outcome,
  TRANSPORTS,
  type Target,
  arrangeGroup,
  ask,
  learn,
} from '../support/operations.js';
import { RedisServer } from '../support/redis-server.js';

/** Short, so that the quarantine after a restart ends soon. */
const CALL_MS = 500;
const LATE_MS = 250;

let redis: RedisServer;
let gateway: TestGateway;
let target: Target;

async function start(settings: Record<string, string> = {}): Promise<void> {
  redis = await RedisServer.start();
  gateway = await startTestGateway({
    ...cachedIn(redis.url, CALL_MS, LATE_MS),
    ...settings,
  });
  target = await arrangeGroup(gateway, ACME);
  await settleGroups(gateway);
  await learn(gateway, target);
  await isCached();
}
afterEach(async () => {
  redis.thaw();
  await gateway.close();
  await redis.stop();
});

/** Waits until a list is a cache hit. Every list before must be correct too. */
const isCached = (): Promise<unknown> =>
  eventually(async () => {
    await expectTruth(gateway, 'GraphQL');
    return HIT.test((await cacheStatus(gateway)) ?? '') || undefined;
  });

let subjects = 0;
/** Renames the group. */
async function rename(): Promise<Outcome> {
  const update = OPERATIONS.find(({ name }) => name === 'update a group');
  if (!update) throw new Error('There is no operation to update a group');
  subjects += 1;
  return ask(gateway, 'REST', update, { ...target, subject: `Renamed ${subjects}` });
}
const coherence = async (): Promise<string | null> => (await rename()).answer.headers.get('coherence');
const isCoherent = (): Promise<unknown> =>
  eventually(async () => ((await coherence()) === 'coherent' ? true : undefined));

async function expectTruthOnBoth(): Promise<void> {
  for (const transport of TRANSPORTS) await expectTruth(gateway, transport);
}

describe.each([
  {
    state: 'frozen',
    harm: async () => redis.freeze(),
    heal: async () => redis.thaw(),
  },
  { state: 'dead', harm: () => redis.kill(), heal: () => redis.launch() },
  { state: 'full', harm: () => redis.fill(), heal: () => redis.unfill() },
])('while Redis is $state', ({ state, harm, heal }) => {
  const confirms = state === 'full';

  describe('with available writes', () => {
    beforeEach(() => start());

    it('keeps serving reads and writes, and recovers when Redis is back', async () => {
      await harm();
      await expectTruthOnBoth();
      expect(await coherence()).toBe(confirms ? 'coherent' : 'bounded');
      await expectTruthOnBoth();
      await heal();
      await isCached();
      await expectTruthOnBoth();
      await isCoherent();
      await expectTruthOnBoth();
    });
  });

  describe('with strict coherence', () => {
    beforeEach(() => start({ COHERENCE: 'strict' }));

    it(confirms ? 'sends coherent writes, whose steps need no memory' : 'sends no writes', async () => {
      await harm();
      await gateway.sandbox.forgetCalls();
      const { answer, error } = await rename();
      if (confirms) {
        expect(answer.headers.get('coherence')).toBe('coherent');
      } else {
        expect(error).toMatchObject({ code: 'COHERENCE_UNAVAILABLE', status: 503, retryable: true });
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
        expect(await gateway.sandbox.calls('UpdateChatGroup')).toEqual([]);
      }
      await expectTruthOnBoth();
      await heal();
      await eventually(async () => ((await rename()).answer.status === 200 ? true : undefined));
      await expectTruthOnBoth();
    });
  });
});

describe('a Redis that comes back', () => {
  beforeEach(() => start());

  it('is used again without a restart of the gateway if it is empty', async () => {
    await redis.restart('empty');
    await expectTruthOnBoth();
    await isCached();
    await isCoherent();
    await expectTruthOnBoth();
  });

  it('serves no pages from before a write if it restores an old snapshot', async () => {
    await redis.snapshot();
    expect(await coherence()).toBe('coherent');
    await redis.rollback();
    await expectTruthOnBoth();
    await isCached();
    await expectTruthOnBoth();
  });
});

describe('without Redis', () => {
  it('caches pages in the process of a single gateway', async () => {
    redis = await RedisServer.reserve();
    gateway = await startTestGateway({ CACHE_FRESH_MS: '15000' });
    target = await arrangeGroup(gateway, ACME);
    await settleGroups(gateway);
    await readList(gateway);
    expect(await cacheStatus(gateway)).toMatch(HIT);
    expect(await coherence()).toBe('coherent');
    await expectTruthOnBoth();
  });
});
