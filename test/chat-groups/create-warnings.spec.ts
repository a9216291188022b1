import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { ACME, ACME_KEY } from '../support/gateway.js';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway-process.js';

const GROUPS = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;

let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startGatewayProcess({ CREATE_RESOLVE_TIMEOUT_MS: '0' }, ACME_KEY);
});
afterAll(() => gateway.close());

it('an operation whose lookups fail is logged once, however often it is tried again', async () => {
  await gateway.sandbox.behave({ unlistedMs: 60_000 });
  const { body } = await gateway.rest(GROUPS, { method: 'POST', body: { subject: 'Not found' } });
  await gateway.sandbox.fault({ action: 'ListChatGroup', kind: 'http500' });
  const listed = (await gateway.sandbox.calls('ListChatGroup')).length;
  // Each lookup sends its list twice.
  await eventually(
    async () => (await gateway.sandbox.calls('ListChatGroup')).length >= listed + 6 || undefined,
  );
  const lines = gateway.output().split('\n');
  const warned = lines.filter((line) => line.includes('could not resolve a create operation yet'));
  expect(warned.map((line) => JSON.parse(line).operation)).toEqual([body.id]);
});
