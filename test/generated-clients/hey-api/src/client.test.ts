import assert from 'node:assert/strict';
import { test } from 'node:test';
import { client } from '../generated/client.gen.ts';
import { createChatGroup, deleteChatGroup, getChatGroup, listChatGroups } from '../generated/sdk.gen.ts';

client.setConfig({
  baseUrl: process.env['GATEWAY_URL'] ?? 'http://127.0.0.1:3000',
  // The generated client calls this for each security scheme until one has a value.
  auth: ({ scheme }) => (scheme === 'bearer' ? `cgk_acme.${'A'.repeat(43)}` : undefined),
});
const path = { custSpaceId: 'cams-acme', businessNumber: '8613800000001' };

test('lists, creates and deletes a group', async () => {
  const list = await listChatGroups({ path, query: { size: 5, status: 'ACTIVE' } });
  assert.equal(list.data?.data.length, 5);
  assert.equal(list.data.page.size, 5);

  const created = await createChatGroup({
    path,
    headers: { 'Idempotency-Key': crypto.randomUUID() },
    body: { subject: 'Made with hey-api' },
  });
  assert.ok(created.data && 'groupId' in created.data, 'The sandbox lists a group at once.');
  assert.equal(created.data.subject, 'Made with hey-api');

  const groupPath = { ...path, groupId: created.data.groupId };
  const deleted = await deleteChatGroup({ path: groupPath });
  assert.equal(deleted.response?.status, 204);
  const missing = await getChatGroup({ path: groupPath });
  assert.equal(missing.error?.code, 'NOT_FOUND');
});

test('receives problem details', async () => {
  const { error } = await createChatGroup({ path, body: { subject: '' } });
  assert.equal(error?.code, 'VALIDATION_FAILED');
  assert.equal(error.violations?.[0]?.field, 'subject');
});
