import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { ACME, type TestGateway } from '../support/gateway.js';
import { startMeasuredGateway } from '../support/metrics.js';
import { OPERATIONS, arrangeGroup, ask } from '../support/operations.js';
import { Prometheus } from '../support/prometheus.js';
import { RedisServer } from '../support/redis-server.js';

interface Panel {
  readonly type: string;
  readonly title: string;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly query: { readonly query: string } }[] };
}

const dashboard = JSON.parse(readFileSync('deploy/grafana/dashboards/gateway.json', 'utf8')) as Dashboard;
const queries = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr, legendFormat }) => ({ title, expr, legendFormat })),
);

let redis: RedisServer;
let gateway: TestGateway;
let prometheus: Prometheus;

beforeAll(async () => {
  redis = await RedisServer.start();
  gateway = await startMeasuredGateway({ REDIS_URL: redis.url, STATE_REDIS_URL: redis.url });
  const targets = [new URL(gateway.managementUrl ?? '').host];
  prometheus = await Prometheus.start({ targets, scrapeSeconds: 1 });
  await eventually(async () => (await prometheus.query('up == 1'))[0]);
  const target = await arrangeGroup(gateway, ACME);
  for (const transport of ['REST', 'GraphQL'] as const)
    for (const operation of OPERATIONS) await ask(gateway, transport, operation, target);
  // rate() needs two samples of the series that these requests made.
  const sampled = 'count_over_time(gateway_http_request_duration_seconds_count{route="/graphql"}[1m]) >= 2';
  await eventually(async () => (await prometheus.query(sampled))[0]);
});
afterAll(async () => {
  await prometheus.stop();
  await gateway.close();
  await redis.stop();
});

/** As Grafana would send it. */
function filledIn(expression: string): string {
  return expression
    .replaceAll('$job', 'chatgroup-gateway')
    .replaceAll('$instance', '.*')
    .replaceAll('$__rate_interval', '1m');
}

it.each(queries)('$title: $expr', async ({ expr, legendFormat }) => {
  const samples = await prometheus.query(filledIn(expr));
  expect(samples).not.toEqual([]);
  for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
    for (const { metric } of samples) expect([label, metric[label]]).toEqual([label, expect.any(String)]);
});

it('shows what happened', async () => {
  const value = async (expression: string): Promise<number> =>
    Number((await prometheus.query(expression))[0]?.value);
  expect(await value('sum(gateway_http_request_duration_seconds_count)')).toBeGreaterThanOrEqual(
    2 * OPERATIONS.length,
  );
  expect(await value('sum(gateway_writes_total{coherence="coherent"})')).toBeGreaterThanOrEqual(4);
});

it('finds its instances by variables that Prometheus can answer', async () => {
  for (const { query } of dashboard.templating.list) {
    const [, selector = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(query.query) ?? [];
    const values = await prometheus.query(`count by (${label}) (${filledIn(selector)})`);
    expect(values[0]?.metric[label]).toEqual(expect.any(String));
  }
});
