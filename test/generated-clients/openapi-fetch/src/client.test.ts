import assert from 'node:assert/strict';
import { test } from 'node:test';
import createClient from 'openapi-fetch';
import type { paths } from '../generated/gateway.ts';

const client = createClient<paths>({
  baseUrl: process.env['GATEWAY_URL'] ?? 'http://127.0.0.1:3000',
  headers: { Authorization: `Bearer cgk_acme.${'A'.repeat(43)}` },
});
const path = { custSpaceId: 'cams-acme', businessNumber: '8613800000001' };
const GROUPS = '/v1/spaces/{custSpaceId}/numbers/{businessNumber}/groups';

test('lists, creates and deletes a group', async () => {
  const list = await client.GET(GROUPS, { params: { path, query: { size: 5, status: 'ACTIVE' } } });
  assert.equal(list.data?.data.length, 5);
  assert.equal(list.data.page.size, 5);

  const created = await client.POST(GROUPS, {
    params: { path, header: { 'Idempotency-Key': crypto.randomUUID() } },
    body: { subject: 'Made with openapi-fetch' },
  });
  assert.ok(created.data && 'groupId' in created.data, 'The sandbox lists a group at once.');
  assert.equal(created.data.subject, 'Made with openapi-fetch');

  const groupPath = { ...path, groupId: created.data.groupId };
  const deleted = await client.DELETE(`${GROUPS}/{groupId}`, { params: { path: groupPath } });
  assert.equal(deleted.response.status, 204);
  const missing = await client.GET(`${GROUPS}/{groupId}`, { params: { path: groupPath } });
  assert.equal(missing.error?.code, 'NOT_FOUND');
});

test('receives problem details', async () => {
  const { error } = await client.POST(GROUPS, { params: { path }, body: { subject: '' } });
  assert.equal(error?.code, 'VALIDATION_FAILED');
  assert.equal(error.violations?.[0]?.field, 'subject');
});
