import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ERRORS } from '../../src/errors/catalogue.js';
import { Metrics } from '../../src/telemetry/metrics.js';
import { packageVersion } from '../../src/util/package-version.js';
import { eventually } from '../support/eventually.js';
import { ACME, GLOBEX_KEY, type TestGateway } from '../support/gateway.js';
import { cachedIn, readList, settleGroups } from '../support/cached-lists.js';
import { Scrape, growth, startMeasuredGateway } from '../support/metrics.js';
import { OPERATIONS, TRANSPORTS, type Target, arrangeGroup, ask, operation } from '../support/operations.js';
import { RedisServer } from '../support/redis-server.js';
import { outlivesQuarantine, passTime } from '../support/redis-time.js';

const CALL_MS = 1_000;
const LATE_MS = 300;
const SETTLE_MS = 3_000;

/** What the library knows of a metric. It does not declare the labels. */
interface Described {
  readonly name: string;
  readonly labelNames: readonly string[];
}

let redis: RedisServer;
let gateway: TestGateway;
let target: Target;
let before: Scrape;

beforeAll(async () => {
  redis = await RedisServer.start();
  await outlivesQuarantine(redis, CALL_MS + LATE_MS);
  gateway = await startMeasuredGateway({
    ...cachedIn(redis.url, CALL_MS, LATE_MS),
    CACHE_SETTLE_MS: String(SETTLE_MS),
  });
});
afterAll(async () => {
  await gateway.close();
  await redis.stop();
});
beforeEach(async () => {
  await redis.flush();
  await gateway.sandbox.reset();
  target = await arrangeGroup(gateway, ACME);
  await settleGroups(gateway);
  await passTime(redis, SETTLE_MS);
  before = await Scrape.of(gateway);
});

const grown = (name: string, labels: Record<string, string> = {}): Promise<number> =>
  growth(gateway, before, name, labels);

const reads = (outcome: string): Promise<number> => grown('gateway_cache_reads_total', { outcome });

it('follow the conventions of Prometheus, as promtool checks them', async () => {
  for (const one of OPERATIONS) await ask(gateway, 'GraphQL', one, target);
  const { text } = await Scrape.of(gateway);
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  });
  expect([status, `${stdout}${stderr}`.trim()]).toEqual([0, '']);
});

it('are documented by name and label, and no others', () => {
  const rows = readFileSync('docs/operations.md', 'utf8').matchAll(/^\| `(gateway_\w+)(?:\{([^}]*)\})?` /gm);
  const documented = [...rows].map(([, name, labels = '']) => `${name} ${labels}`);
  const collected = new Metrics().registry.getMetricsAsArray() as unknown as readonly Described[];
  const own = collected.filter(({ name }) => name.startsWith('gateway_'));
  expect(documented.toSorted()).toEqual(
    own.map((one) => `${one.name} ${one.labelNames.join(',')}`).toSorted(),
  );
});

it('name the release, and have each series of a known label from the start', async () => {
  const fresh = await startMeasuredGateway();
  try {
    const scrape = await Scrape.of(fresh);
    expect(scrape.value('gateway_build_info', { version: packageVersion() })).toBe(1);
    expect(scrape.labels('gateway_errors_total', 'code')).toEqual(Object.keys(ERRORS).toSorted());
    for (const name of scrape.text.matchAll(/^# TYPE (gateway_\w+) counter$/gm))
      expect([name[1], scrape.value(name[1] ?? '')]).toEqual([name[1], expect.any(Number)]);
    expect(scrape.value('gateway_tenants')).toBeGreaterThan(1);
    expect(scrape.value('gateway_tenants_last_reload_successful')).toBe(1);
  } finally {
    await fresh.close();
  }
});

describe('reads are counted once each', () => {
  it('as miss, hit and collapsed', async () => {
    await Promise.all(Array.from({ length: 10 }, () => readList(gateway)));
    for (let n = 0; n < 5; n += 1) await readList(gateway, 'GraphQL');
    // Of those that came together, one listed. The others shared its list, or came after it.
    expect([await reads('miss'), (await reads('collapsed')) + (await reads('hit'))]).toEqual([1, 14]);
    expect(await reads('collapsed')).toBeGreaterThan(0);
    expect(await grown('gateway_cache_reads_total')).toBe(15);
    expect(await gateway.sandbox.calls('ListChatGroup')).toHaveLength(1);
  });

  it('as stale', async () => {
    await readList(gateway);
    await passTime(redis, 16_000);
    await readList(gateway);
    expect([await reads('miss'), await reads('stale')]).toEqual([1, 1]);
  });

  it('as failed, if CAMS fails and no page is cached', async () => {
    await gateway.sandbox.fault({ kind: 'http500', action: 'ListChatGroup' });
    await expect(readList(gateway)).rejects.toThrow('502');
    expect([await reads('failed'), await grown('gateway_cache_reads_total')]).toEqual([1, 1]);
  });

  it('as bypass after a write', async () => {
    await ask(gateway, 'REST', operation('update a group'), target);
    before = await Scrape.of(gateway);
    await readList(gateway);
    expect(await reads('bypass')).toBe(1);
    expect(await grown('gateway_cache_bypasses_total', { reason: 'recent_write' })).toBe(1);
  });

  it('as bypass without Redis, while writes are bounded and not confirmed', async () => {
    redis.freeze();
    try {
      await readList(gateway);
      await ask(gateway, 'REST', operation('update a group'), target);
      expect(await grown('gateway_writes_total', { coherence: 'bounded' })).toBe(1);
      expect(await grown('gateway_cache_unconfirmed_scopes')).toBe(1);
      await readList(gateway);
      expect(await grown('gateway_cache_bypasses_total', { reason: 'store_unavailable' })).toBeGreaterThan(0);
      expect(await grown('gateway_cache_bypasses_total', { reason: 'unconfirmed_write' })).toBeGreaterThan(0);
      expect(await reads('bypass')).toBe(await grown('gateway_cache_bypasses_total'));
    } finally {
      redis.thaw();
    }
    await eventually(async () =>
      (await grown('gateway_cache_unconfirmed_scopes')) === 0 ? true : undefined,
    );
  });
});

it('count writes by what the cache confirmed', async () => {
  await ask(gateway, 'REST', operation('update a group'), target);
  expect(await grown('gateway_writes_total', { coherence: 'coherent' })).toBe(1);
  expect(await grown('gateway_writes_total')).toBe(1);
});

describe('calls to CAMS', () => {
  it('are counted to the call, and so are those that are not sent', async () => {
    const fresh = await startMeasuredGateway({ CAMS_QPS: '50' });
    try {
      before = await Scrape.of(fresh);
      await fresh.sandbox.forgetCalls();
      await fresh.sandbox.fault({ kind: 'http500', action: 'ListChatGroup' });
      for (let n = 0; n < 12; n += 1) await expect(readList(fresh)).rejects.toThrow('502');
      const of = (name: string, labels = {}): Promise<number> => growth(fresh, before, name, labels);
      const sent = await of('gateway_cams_call_duration_seconds_count', { action: 'ListChatGroup' });
      expect(await fresh.sandbox.calls('ListChatGroup')).toHaveLength(sent);
      expect(await of('gateway_cams_permit_wait_seconds_count')).toBe(sent);
      const retries = await of('gateway_cams_retries_total');
      const unsent = await of('gateway_cams_calls_unsent_total', { reason: 'broken' });
      // Each list needed a call, which was sent, sent twice, or not sent. A retry may not have been sent either.
      expect([retries > 0, unsent > 0]).toEqual([true, true]);
      expect(sent + unsent).toBe(12 + retries);
      expect((await Scrape.of(fresh)).value('gateway_cams_tenants_broken', { account: 'default' })).toBe(1);
      await fresh.sandbox.clearFaults();
      await eventually(async () => {
        await readList(fresh).catch(() => undefined);
        return (await Scrape.of(fresh)).value('gateway_cams_tenants_broken') === 0 || undefined;
      });
    } finally {
      await fresh.close();
    }
  });
});

describe('METRICS_TENANT_LABEL', () => {
  it('adds the tenant to requests and their errors, also those of GraphQL, and nothing else changes', async () => {
    expect((await Scrape.of(gateway)).text).not.toContain('tenant="');
    const fresh = await startMeasuredGateway({ METRICS_TENANT_LABEL: 'true' });
    try {
      await fresh.rest('/v1/viewer');
      await fresh.rest('/v1/viewer', { key: GLOBEX_KEY });
      await fresh.rest('/v1/viewer', { key: null });
      await fresh.graphql('{ unknown }');
      const scrape = await Scrape.of(fresh);
      const name = 'gateway_http_request_duration_seconds_count';
      expect(scrape.labels(name, 'tenant')).toEqual(['', 'acme', 'globex']);
      expect(scrape.value(name, { tenant: 'acme', route: '/v1/viewer', status: '200' })).toBe(1);
      expect(scrape.value(name, { tenant: '', status: '401' })).toBe(1);
      const errors = 'gateway_errors_total';
      expect(scrape.value(errors, { tenant: '', code: 'UNAUTHENTICATED' })).toBe(1);
      expect(scrape.value(errors, { tenant: 'acme' })).toBe(1);
      expect(scrape.value(errors, { tenant: 'globex' })).toBeUndefined();
    } finally {
      await fresh.close();
    }
  });
});

it.each(TRANSPORTS)('count refusals by a limit of a write over %s', async (transport) => {
  const fresh = await startMeasuredGateway({ TENANTS_FILE: 'test/support/tenants.deletes.yaml' });
  try {
    const groups = [await arrangeGroup(fresh, ACME), await arrangeGroup(fresh, ACME)];
    for (const group of groups) await ask(fresh, transport, operation('delete a group'), group);
    const scrape = await Scrape.of(fresh);
    expect(scrape.value('gateway_errors_total', { code: 'RATE_LIMITED' })).toBe(1);
    expect(scrape.value('gateway_rate_limited_total', { limit: 'deletesPerHour' })).toBe(1);
  } finally {
    await fresh.close();
  }
});

it('count refusals by limit', async () => {
  for (let n = 0; n < 40; n += 1) await gateway.rest('/v1/viewer', { key: GLOBEX_KEY });
  const limited = await grown('gateway_errors_total', { code: 'RATE_LIMITED' });
  expect([limited > 0, await grown('gateway_rate_limited_total', { limit: 'requestsPerMinute' })]).toEqual([
    true,
    limited,
  ]);
});
