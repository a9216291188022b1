import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { GatewayError } from '../../src/errors/gateway-error.js';
import type { MaybePromise } from '../../src/util/maybe-promise.js';
import type { RateLimitHeaders, RateLimitUsage } from '../../src/request/rate-limit-headers.js';
import { TenantRateLimit } from '../../src/rate-limit/tenant-rate-limit.js';
import { TenantDeleteLimit } from '../../src/rate-limit/tenant-delete-limit.js';
import { Metrics } from '../../src/telemetry/metrics.js';
import { eventually } from '../support/eventually.js';
import { GLOBEX_KEY, startTestReplicas } from '../support/gateway.js';
import { closing, open, setUpRedisTests, startServer } from '../support/redis-fixture.js';

const HOUR_MS = 3_600_000;
const METRICS = new Metrics();

setUpRedisTests();
afterEach(() => {
  jest.useRealTimers();
});

function tenant(limits: { requestsPerMinute?: number; deletesPerHour?: number }, id = 'acme') {
  return { id, limits: { requestsPerMinute: 3, deletesPerHour: 2, ...limits } };
}

/** Returns the error that a call was rejected with. */
async function refusal(call: MaybePromise<unknown>): Promise<GatewayError | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
}

/** Makes calls sequentially; returns `true` for each that was allowed. */
async function passes(count: number, call: () => MaybePromise<unknown>): Promise<boolean[]> {
  const passed: boolean[] = [];
  while (passed.length < count) passed.push((await refusal(call())) === undefined);
  return passed;
}

const ignore = (): void => undefined;
const OF_THIS_HOUR = { hourEndsAtMs: Infinity, remaining: 0 };

/** Two replicas that share Redis, or a single one without Redis. */
const PLACES = {
  'in this process': async () => {
    const [requests, deletes] = [new TenantRateLimit(null, METRICS), new TenantDeleteLimit(null, METRICS)];
    return { requests: [requests, requests], deletes: [deletes, deletes] } as const;
  },
  'in Redis, for all replicas': async () => {
    const { url } = await startServer();
    const [one, other] = [(await open(url)).redis, (await open(url)).redis];
    return {
      requests: [new TenantRateLimit(one, METRICS), new TenantRateLimit(other, METRICS)],
      deletes: [new TenantDeleteLimit(one, METRICS), new TenantDeleteLimit(other, METRICS)],
    } as const;
  },
};

describe.each(Object.entries(PLACES))('quotas counted %s', (_, place) => {
  it('allow requests up to the limit per minute, and return Retry-After for the rest', async () => {
    const { requests } = await place();
    const told: RateLimitHeaders[] = [];
    const ask = (replica: 0 | 1): MaybePromise<void> =>
      requests[replica].consume(tenant({}), (headers) => told.push(headers));
    for (const replica of [0, 1, 0] as const) await ask(replica);
    for (const replica of [1, 1] as const) {
      const refused = await refusal(ask(replica));
      expect(refused).toMatchObject({ code: 'RATE_LIMITED' });
      expect(refused?.options.retryAfterSeconds).toBeGreaterThan(0);
      expect(refused?.options.retryAfterSeconds).toBeLessThanOrEqual(60);
    }
    expect(told.map((headers) => /r=(\d+)/.exec(headers.RateLimit)?.[1])).toEqual(['2', '1', '0', '0', '0']);
    expect(new Set(told.map((headers) => headers['RateLimit-Policy']))).toEqual(
      new Set(['"tenant";q=3;w=60']),
    );
  });

  it('allow concurrent requests exactly up to the limit', async () => {
    const { requests } = await place();
    const all = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        refusal(requests[index % 2 === 0 ? 0 : 1].consume(tenant({ requestsPerMinute: 20 }), ignore)),
      ),
    );
    expect(all.filter((refused) => refused === undefined)).toHaveLength(20);
  });

  it('are separate per tenant, and for requests and deletes', async () => {
    const { requests, deletes } = await place();
    await passes(3, () => requests[0].consume(tenant({}), ignore));
    expect(await passes(4, () => requests[1].consume(tenant({}, 'globex'), ignore))).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(await passes(3, () => deletes[1].consume(tenant({}), ignore))).toEqual([true, true, false]);
  });

  it('allow deletes up to the limit per hour', async () => {
    const { deletes } = await place();
    await deletes[0].consume(tenant({}), ignore);
    await deletes[1].consume(tenant({}), ignore);
    const refused = await refusal(deletes[0].consume(tenant({}), ignore));
    expect(refused).toMatchObject({
      code: 'RATE_LIMITED',
      message: 'You have reached your limit of 2 deletes per hour.',
    });
    expect(refused?.options.retryAfterSeconds).toBeGreaterThan(3_500);
    expect(refused?.options.retryAfterSeconds).toBeLessThanOrEqual(3_600);
  });

  it('report what is left of the deletes, also after one is refused or given back', async () => {
    const { deletes } = await place();
    const told: RateLimitUsage[] = [];
    const tell = (usage: RateLimitUsage): void => void told.push(usage);
    const counted = await deletes[0].consume(tenant({}), tell);
    await deletes[1].consume(tenant({}), tell);
    await refusal(deletes[0].consume(tenant({}), tell));
    await deletes[1].giveBack(tenant({}), { ...counted, remaining: 0 }, tell);
    expect(told.map(({ remaining }) => remaining)).toEqual([1, 0, 0, 1]);
    for (const { leftMs, ...usage } of told) {
      expect(usage).toMatchObject({ name: 'deletes', limit: 2, windowSeconds: 3_600 });
      expect(leftMs).toBeGreaterThan(3_500_000);
    }
  });

  it('allow another delete for one that was given back, regardless of earlier rejections', async () => {
    const { deletes } = await place();
    expect(await passes(5, () => deletes[0].consume(tenant({}), ignore))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    await deletes[1].giveBack(tenant({}), OF_THIS_HOUR, ignore);
    expect(await passes(2, () => deletes[0].consume(tenant({}), ignore))).toEqual([true, false]);
  });

  it('do not grow when an uncounted delete is given back', async () => {
    const { deletes } = await place();
    for (const replica of deletes) await replica.giveBack(tenant({}), OF_THIS_HOUR, ignore);
    expect(await passes(3, () => deletes[0].consume(tenant({}), ignore))).toEqual([true, true, false]);
  });

  it('reject every delete if the limit is 0', async () => {
    const { deletes } = await place();
    expect(await passes(2, () => deletes[0].consume(tenant({ deletesPerHour: 0 }), ignore))).toEqual([
      false,
      false,
    ]);
  });
});

describe('a window in this process', () => {
  it('ends, and a delete given back afterwards does not extend the next window', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate'] });
    const deletes = new TenantDeleteLimit(null, METRICS);
    const counted = await deletes.consume(tenant({}), ignore);
    expect(await passes(2, () => deletes.consume(tenant({}), ignore))).toEqual([true, false]);
    jest.advanceTimersByTime(HOUR_MS);
    await deletes.giveBack(tenant({}), counted, ignore);
    expect(await passes(3, () => deletes.consume(tenant({}), ignore))).toEqual([true, true, false]);
    await deletes.giveBack(tenant({}), counted, ignore);
    expect(await passes(1, () => deletes.consume(tenant({}), ignore))).toEqual([false]);
  });
});

describe('a large quota', () => {
  /** Sends one request per turn of the event loop; returns the number of allowed requests. */
  async function letThrough(
    replicas: readonly TenantRateLimit[],
    count: number,
    limit: number,
  ): Promise<number> {
    const calls: Promise<GatewayError | undefined>[] = [];
    for (let asked = 0; asked < count; asked += 1) {
      const replica = replicas[asked % replicas.length];
      if (replica) calls.push(refusal(replica.consume(tenant({ requestsPerMinute: limit }), ignore)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    return (await Promise.all(calls)).filter((refused) => refused === undefined).length;
  }

  it.each([1, 2])('is used up, and never exceeded, by %d replicas that take it in batches', async (count) => {
    const limit = 6_000;
    const { url } = await startServer();
    const replicas = [];
    while (replicas.length < count) replicas.push(new TenantRateLimit((await open(url)).redis, METRICS));
    const passed = await letThrough(replicas, limit + 2_000, limit);
    // A replica cannot use what another replica has taken but not used.
    expect(passed).toBeGreaterThan(limit - (count - 1) * 10 - 1);
    expect(passed).toBeLessThanOrEqual(limit);
  });
});

describe('quotas in Redis', () => {
  it('are shared by all replicas of a gateway', async () => {
    const { url: STATE_REDIS_URL } = await startServer();
    const settings = { STATE_REDIS_URL, TENANTS_FILE: 'test/support/tenants.quotas.yaml' };
    const replicas = await startTestReplicas(2, settings);
    for (const replica of replicas) closing(replica, (it) => it.close());
    const answers = [];
    for (const replica of [...replicas, ...replicas])
      answers.push(await replica.rest('/v1/viewer', { key: GLOBEX_KEY }));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    expect(answers.map(({ headers }) => /r=(\d)/.exec(headers.get('ratelimit') ?? '')?.[1])).toEqual([
      '2',
      '1',
      '0',
      '0',
    ]);
  });

  it('have keys that expire with the window and do not reveal the tenant', async () => {
    const server = await startServer();
    const { redis } = await open(server.url);
    await new TenantRateLimit(redis, METRICS).consume(tenant({}), ignore);
    await new TenantDeleteLimit(redis, METRICS).consume(tenant({}), ignore);
    const keys = (await server.command('KEYS', '*')).split('\n').toSorted();
    expect(keys).toEqual([
      expect.stringMatching(/^cgs:q:d:[\w-]{22}$/),
      expect.stringMatching(/^cgs:q:r:[\w-]{22}$/),
    ]);
    const lives = await Promise.all(keys.map(async (key) => Number(await server.command('PTTL', key))));
    for (const [index, longest] of [HOUR_MS, 60_000].entries()) {
      expect(lives[index]).toBeGreaterThan(0);
      expect(lives[index]).toBeLessThanOrEqual(longest);
    }
  });

  it('keep the end of their window for any number of requests', async () => {
    const server = await startServer();
    const deletes = new TenantDeleteLimit((await open(server.url)).redis, METRICS);
    await deletes.consume(tenant({}), ignore);
    const key = await server.command('KEYS', '*');
    await server.command('PEXPIRE', key, 100_000);
    await deletes.consume(tenant({}), ignore);
    await deletes.giveBack(tenant({}), OF_THIS_HOUR, ignore);
    expect(Number(await server.command('PTTL', key))).toBeLessThanOrEqual(100_000);
  });

  it('keep their count when a limit changes', async () => {
    const deletes = new TenantDeleteLimit((await open((await startServer()).url)).redis, METRICS);
    expect(await passes(2, () => deletes.consume(tenant({ deletesPerHour: 2 }), ignore))).toEqual([
      true,
      true,
    ]);
    expect(await passes(2, () => deletes.consume(tenant({ deletesPerHour: 3 }), ignore))).toEqual([
      true,
      false,
    ]);
    expect(await passes(1, () => deletes.consume(tenant({ deletesPerHour: 1 }), ignore))).toEqual([false]);
  });

  it('are not looked up again for a tenant that has used up its quota for the minute', async () => {
    const server = await startServer();
    const requests = new TenantRateLimit((await open(server.url)).redis, METRICS);
    await passes(4, () => requests.consume(tenant({}), ignore));
    await server.kill();
    expect(await passes(2, () => requests.consume(tenant({}), ignore))).toEqual([false, false]);
  });

  it.each([
    ['gone', 'kill'],
    ['frozen', 'freeze'],
  ] as const)(
    'are counted in this process while Redis is %s, and in Redis again afterwards',
    async (_, fault) => {
      const server = await startServer();
      const { redis } = await open(server.url);
      const [requests, deletes] = [
        new TenantRateLimit(redis, METRICS),
        new TenantDeleteLimit(redis, METRICS),
      ];
      await server[fault]();
      expect(await passes(4, () => requests.consume(tenant({}), ignore))).toEqual([true, true, true, false]);
      expect(await passes(3, () => deletes.consume(tenant({}), ignore))).toEqual([true, true, false]);
      await deletes.giveBack(tenant({}), OF_THIS_HOUR, ignore);
      expect(await passes(2, () => deletes.consume(tenant({}), ignore))).toEqual([true, false]);
      if (fault === 'kill') await server.launch();
      else server.thaw();
      await eventually(async () => redis.up || undefined);
      await deletes.consume(tenant({}, 'globex'), ignore);
      expect(await server.command('KEYS', 'cgs:q:d:*')).not.toBe('');
    },
  );

  it('are counted in Redis when it is full', async () => {
    const server = await startServer();
    const { redis } = await open(server.url);
    await server.fill();
    await new TenantDeleteLimit(redis, METRICS).consume(tenant({}), ignore);
    expect(await server.command('KEYS', '*')).toMatch(/^cgs:q:d:/);
  });
});
