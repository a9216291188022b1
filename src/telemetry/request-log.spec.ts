import { expect, it } from '@jest/globals';
import { pino } from 'pino';
import { RequestContext } from '../request/request-context.js';
import { Metrics } from './metrics.js';
import { RequestLog } from './request-log.js';

const SILENT = pino({ level: 'silent' });

/** Counted requests by the label `tenant`. */
async function counted(
  metrics: Metrics,
  tenants: readonly (string | undefined)[],
): Promise<Map<unknown, number>> {
  const log = new RequestLog(SILENT, metrics);
  for (const tenantId of tenants) {
    const context = new RequestContext('r1', 1_000);
    context.tenantId = tenantId;
    context.route = '/v1/viewer';
    log.write({ context, method: 'GET', status: 200, clientLeft: false });
  }
  const { values } = await metrics.httpRequests.get();
  const counts = values.filter(({ metricName }) => metricName?.endsWith('_count'));
  return new Map(counts.map(({ labels, value }) => [labels['tenant'], value]));
}

it('counts further requests together once a hundred tenants have a label', async () => {
  const tenants = Array.from({ length: 130 }, (_, n) => `t${n}`);
  const counts = await counted(new Metrics(true), [...tenants, 't5', 't120', undefined]);
  expect(counts.size).toBe(102);
  expect([counts.get('t5'), counts.get('t99'), counts.get('other'), counts.get('')]).toEqual([2, 1, 31, 1]);
});

it('has no label of tenants by default', async () => {
  expect([...(await counted(new Metrics(), ['a', 'b', undefined]))]).toEqual([[undefined, 3]]);
});
