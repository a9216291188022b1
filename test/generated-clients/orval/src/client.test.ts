import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createChatGroup, deleteChatGroup, getChatGroup, listChatGroups } from '../generated/gateway.ts';

const SPACE = 'cams-acme';
const NUMBER = '8613800000001';
const headers = { Authorization: `Bearer cgk_acme.${'A'.repeat(43)}` };

test('lists, creates and deletes a group', async () => {
  const list = await listChatGroups(SPACE, NUMBER, { size: 5, status: 'ACTIVE' }, { headers });
  assert.equal(list.status, 200);
  assert.equal(list.data.data.length, 5);
  assert.equal(list.data.page.size, 5);

  const withKey = { headers: { ...headers, 'Idempotency-Key': crypto.randomUUID() } };
  const created = await createChatGroup(SPACE, NUMBER, { subject: 'Made with orval' }, withKey);
  assert.equal(created.status, 201, 'The sandbox lists a group at once.');
  assert.equal(created.data.subject, 'Made with orval');

  const deleted = await deleteChatGroup(SPACE, NUMBER, created.data.groupId, { headers });
  assert.equal(deleted.status, 204);
  const missing = await getChatGroup(SPACE, NUMBER, created.data.groupId, { headers });
  assert.equal(missing.status, 404);
  assert.equal(missing.data.code, 'NOT_FOUND');
});

test('receives problem details', async () => {
  const { status, data } = await createChatGroup(SPACE, NUMBER, { subject: '' }, { headers });
  assert.equal(status, 400);
  assert.equal(data.violations?.[0]?.field, 'subject');
});
