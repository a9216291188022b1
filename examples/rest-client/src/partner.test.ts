import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { type ChatGroup, GatewayProblem, Partner } from './partner.ts';
import { SETTINGS } from './settings.ts';

const SANDBOX_URL = process.env['SANDBOX_URL'] ?? 'http://127.0.0.1:3900';
const partner = new Partner(SETTINGS);
const groups: ChatGroup[] = [];

async function sandbox(control: string, body?: object, method = 'POST'): Promise<unknown> {
  const response = await fetch(`${SANDBOX_URL}/__sandbox__/${control}`, {
    method,
    ...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
  });
  assert.ok(response.ok);
  return response.json();
}

before(async () => {
  for await (const group of partner.groups(20)) groups.push(group);
});

test('lists all groups, page by page', () => {
  assert.ok(groups.length >= 51);
  assert.equal(new Set(groups.map(({ id }) => id)).size, groups.length);
});

test('creates one group however often it tries with the same key', async () => {
  const key = crypto.randomUUID();
  const group = await partner.create('Partner test', key);
  const again = await partner.create('Partner test', key);
  assert.equal(again.groupId, group.groupId);
  await partner.delete(group.groupId);
});

test('waits for a pending create', async () => {
  const group = await partner.create('Partner test, pending', crypto.randomUUID(), { wait: false });
  assert.equal(group.subject, 'Partner test, pending');
  await partner.delete(group.groupId);
});

test('waits while the gateway is busy', async () => {
  await sandbox('faults', { kind: 'throttle', action: 'AddChatGroup', ms: 1_000, count: 2 });
  await sandbox('calls', undefined, 'DELETE');
  const group = await partner.create('Partner test, busy', crypto.randomUUID());
  assert.equal(group.subject, 'Partner test, busy');
  const { calls } = (await sandbox('calls?action=AddChatGroup', undefined, 'GET')) as {
    calls: { applied: boolean }[];
  };
  assert.deepEqual(
    calls.map(({ applied }) => applied),
    [false, false, true],
  );
  await partner.delete(group.groupId);
});

test('removes a member', async () => {
  const group = groups.find(({ participantCount }) => (participantCount ?? 0) > 1);
  assert.ok(group);
  const [member] = await partner.phoneNumbers(group.groupId);
  assert.ok(member);
  assert.equal(await partner.removeMember(group.groupId, member), true);
  assert.equal((await partner.phoneNumbers(group.groupId)).includes(member), false);
});

test('reports what the gateway refuses', async () => {
  await assert.rejects(partner.create('', crypto.randomUUID()), (error) => {
    assert.ok(error instanceof GatewayProblem);
    assert.equal(error.problem.code, 'VALIDATION_FAILED');
    assert.deepEqual(
      error.problem.violations?.map(({ field }) => field),
      ['subject'],
    );
    return true;
  });
});
