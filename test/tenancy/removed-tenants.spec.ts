import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { SANDBOX_PEPPER } from '../../src/config/config.js';
import {
  ACME_TENANT,
  type CheckedGateway,
  type CheckStage,
  startCheckedGateway,
  startCheckStage,
} from '../support/checked-gateway.js';
import { eventually } from '../support/eventually.js';
import { GLOBEX } from '../support/gateway.js';
import { Scrape } from '../support/metrics.js';

const SECRET = 'G'.repeat(43);
const digest = createHmac('sha256', SANDBOX_PEPPER).update(SECRET).digest('hex');
const ISV_2 = {
  id: 'isv-2',
  credentials: { accessKeyIdFile: 'isv-2.id', accessKeySecretFile: 'isv-2.secret' },
};
const GLOBEX_TENANT = {
  id: 'globex',
  account: 'isv-2',
  spaces: [{ custSpaceId: GLOBEX.custSpaceId, businessNumbers: [GLOBEX.businessNumber] }],
  apiKeys: [{ id: 'globex', digest, permissions: ['groups:read'] }],
};
const BOTH = { accounts: [ISV_2], tenants: [ACME_TENANT, GLOBEX_TENANT] };
const WITHOUT_GLOBEX = { tenants: [ACME_TENANT] };
const OF_ISV_2 = { account: 'isv-2' };
const GAUGES = [
  'gateway_cams_account_broken',
  'gateway_cams_tenants_broken',
  'gateway_cams_account_calls_per_second',
  'gateway_cams_account_ready',
];

let stage: CheckStage;
let gateway: CheckedGateway;
beforeEach(async () => {
  stage = await startCheckStage();
  stage.file('isv-2.id', 'sandbox');
  stage.file('isv-2.secret', 'sandbox-secret');
});
afterEach(async () => {
  await gateway.close();
  await stage.close();
});

async function start(requestBudgetMs: number): Promise<void> {
  const settings = { REQUEST_BUDGET_MS: `${requestBudgetMs}`, METRICS_TENANT_LABEL: 'true', CAMS_QPS: '50' };
  gateway = await startCheckedGateway(await stage.settings(BOTH, settings));
  await gateway.says('isv-2', /^ok$/);
}

async function list(): Promise<number> {
  const path = `/v1/spaces/${GLOBEX.custSpaceId}/numbers/${GLOBEX.businessNumber}/groups`;
  const response = await fetch(gateway.url + path, { headers: { 'X-Api-Key': `cgk_globex.${SECRET}` } });
  await response.arrayBuffer();
  return response.status;
}

const scrape = async (): Promise<Scrape> => new Scrape(await gateway.metrics());

async function apply(tenants: { readonly tenants: readonly object[] }): Promise<void> {
  stage.file('tenants.yaml', tenants);
  await eventually(
    async () => (await scrape()).value('gateway_tenants') === tenants.tenants.length || undefined,
  );
}

async function gauges(): Promise<(number | undefined)[]> {
  const seen = await scrape();
  return GAUGES.map((name) => seen.value(name, OF_ISV_2));
}

it('the gauges of a removed account go, its counters stay, and its running request ends', async () => {
  await start(8_000);
  expect(await gauges()).toEqual([0, 0, 50, 1]);
  await stage.sandbox.fault({ action: 'ListChatGroup', kind: 'latency', ms: 3_000 });
  const running = list();
  await eventually(async () => (await scrape()).value('gateway_cams_calls_under_way') === 1 || undefined);
  await apply(WITHOUT_GLOBEX);
  expect(await list()).toBe(401);
  expect((await scrape()).value('gateway_cams_account_broken', OF_ISV_2)).toBe(0);
  expect(await running).toBe(200);
  await eventually(async () => (await gauges()).every((value) => value === undefined) || undefined);
  const seen = await scrape();
  expect(seen.value('gateway_http_request_duration_seconds_count', { tenant: 'globex' })).toBe(1);
  expect(seen.value('gateway_cams_account_broken', { account: 'default' })).toBe(0);
});

it('an account that comes back before its requests could have ended starts afresh', async () => {
  await start(60_000);
  await stage.sandbox.fault({ action: 'ListChatGroup', kind: 'http500' });
  await eventually(async () => {
    await list();
    return (await scrape()).value('gateway_cams_tenants_broken', OF_ISV_2) === 1 || undefined;
  });
  await apply(WITHOUT_GLOBEX);
  expect((await scrape()).value('gateway_cams_tenants_broken', OF_ISV_2)).toBe(1);
  await stage.sandbox.clearFaults();
  // No call ends before the gauges are read.
  await stage.sandbox.fault({ action: 'ListChatGroup', kind: 'latency', ms: 3_000 });
  await apply(BOTH);
  expect(await gateway.gauge('isv-2')).toBeDefined();
  expect((await scrape()).value('gateway_cams_tenants_broken', OF_ISV_2)).not.toBe(1);
  await stage.sandbox.clearFaults();
  expect(await list()).toBe(200);
});
