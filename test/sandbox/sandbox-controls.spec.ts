import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ACME, record, startTestSandbox, type TestSandbox } from '../support/sandbox-rpc.js';
import { startSandbox } from '../../src/sandbox/sandbox.js';

const SCOPE = { custSpaceId: ACME.CustSpaceId, businessNumber: ACME.BusinessNumber };

describe('the controls of the sandbox', () => {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await startTestSandbox();
  });
  afterAll(async () => sandbox.close());
  beforeEach(async () => sandbox.control.reset());

  const send = async (
    method: string,
    path: string,
    body?: unknown,
  ): Promise<[number, Record<string, unknown>]> => {
    const response = await fetch(`${sandbox.url}/__sandbox__/${path}`, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    });
    return [response.status, record(await response.json())];
  };
  const groupId = async (index: number): Promise<string> =>
    (await sandbox.control.groups(SCOPE))[index]?.groupId ?? '';

  it('logs every call with its parsed parameters and its raw query', async () => {
    sandbox.time.now = Date.now();
    await sandbox.list({ Subject: "a b'c" });
    await sandbox.call('DeleteChatGroupParticipants', {
      ...ACME,
      GroupId: 'G',
      List: '[{"ParticipantNumber":"12345"}]',
    });
    const [list, remove] = await sandbox.control.calls();
    expect(list).toEqual({
      id: expect.any(Number),
      action: 'ListChatGroup',
      parameters: { ...ACME, Page: { Index: 1, Size: 100 }, Subject: "a b'c" },
      query:
        'CustSpaceId=cams-acme&BusinessNumber=8613800000001&Page=%7B%22Index%22%3A1%2C%22Size%22%3A100%7D&Subject=a%20b%27c',
      at: new Date(sandbox.time.now).toISOString(),
      outcome: 'ok',
      code: 'OK',
      durationMs: 0,
      applied: true,
    });
    expect(remove?.parameters['List']).toEqual([{ ParticipantNumber: '12345' }]);
    expect(await sandbox.control.calls('ListChatGroup')).toEqual([list]);
  });

  it('logs calls that were rejected because of their signature', async () => {
    await sandbox.call('ListChatGroup', ACME, { accessKeySecret: 'wrong' });
    expect(await sandbox.control.calls()).toMatchObject([
      { action: 'ListChatGroup', outcome: 'rejected', code: 'SignatureDoesNotMatch', applied: false },
    ]);
  });

  it('clears only the call log, or everything', async () => {
    await sandbox.call('AddChatGroup', { ...ACME, Subject: 'kept' });
    await sandbox.control.forgetCalls();
    expect(await sandbox.control.calls()).toEqual([]);
    expect((await sandbox.list()).total).toBe(52);
    await sandbox.control.fault({ kind: 'http500' });
    await sandbox.control.reset();
    expect(await sandbox.control.calls()).toEqual([]);
    expect((await sandbox.list()).total).toBe(51);
  });

  it('lists faults, and removes them by ID, by kind and action, by their request body, or all at once', async () => {
    const fault = { kind: 'reject', action: 'AddChatGroup', code: 'X', count: 3 };
    const [, made] = await send('POST', 'faults', fault);
    expect(made).toEqual({ fault: { ...fault, id: expect.any(Number) } });
    expect((await send('GET', 'faults'))[1]).toEqual({ faults: [made['fault']] });
    expect(await send('DELETE', 'faults', fault)).toEqual([200, { removed: 1 }]);
    const [, other] = await send('POST', 'faults', { kind: 'hang' });
    await send('POST', 'faults', { kind: 'hang', action: 'ListChatGroup' });
    await send('POST', 'faults', { kind: 'reset' });
    expect(await send('DELETE', 'faults?kind=hang&action=ListChatGroup')).toEqual([200, { removed: 1 }]);
    expect(await send('DELETE', `faults?id=${String(record(other['fault'])['id'])}`)).toEqual([
      200,
      { removed: 1 },
    ]);
    expect(await send('DELETE', 'faults')).toEqual([200, { removed: 1 }]);
  });

  it('creates a group from outside that is listed at once', async () => {
    const group = await sandbox.control.changeGroup({
      op: 'create',
      ...SCOPE,
      subject: 'from outside',
      status: 'ARCHIVED',
      inviteLink: true,
      participants: ['8615000000001'],
    });
    expect(group).toMatchObject({ ...SCOPE, subject: 'from outside', participants: ['8615000000001'] });
    const { groups } = await sandbox.list({ Subject: 'from outside' });
    expect(groups).toEqual([
      expect.objectContaining({
        GroupId: group.groupId,
        GroupStatus: 'ARCHIVED',
        InviteLink: expect.stringContaining('https://chat.whatsapp.com/'),
        TotalParticipantCount: 1,
      }),
    ]);
    expect(await sandbox.control.calls('AddChatGroup')).toEqual([]);
  });

  it('takes limits as it shows them, or without the object around them', async () => {
    const limitsAfter = async (body: object): Promise<unknown> =>
      record((await send('POST', 'settings', body))[1]['settings'])['limits'];
    const before = record(record((await send('GET', 'settings'))[1]['settings'])['limits']);
    expect(await limitsAfter({ limits: { pageSize: 7 } })).toEqual({ ...before, pageSize: 7 });
    expect(await limitsAfter({ membersPerGroup: 3 })).toEqual({ ...before, pageSize: 7, membersPerGroup: 3 });
    const [, shown] = await send('GET', 'settings');
    expect(await send('POST', 'settings', record(shown['settings']))).toEqual([200, shown]);
  });

  it('creates many groups at once', async () => {
    const [status, answer] = await send('POST', 'groups', {
      op: 'create',
      ...SCOPE,
      subject: 'bulk',
      count: 500,
    });
    expect([status, [answer['groupIds']].flat().length]).toEqual([200, 500]);
    expect((await sandbox.list({ Subject: 'bulk 500' })).total).toBe(1);
  });

  it('updates and clears fields from outside', async () => {
    const id = await groupId(0);
    await sandbox.control.changeGroup({
      op: 'update',
      groupId: id,
      subject: 'new',
      description: null,
      inviteLink: null,
    });
    const [group] = (await sandbox.list()).groups;
    expect(group).toMatchObject({ GroupId: id, Subject: 'new', GroupStatus: 'ACTIVE' });
    expect([group?.['Description'], group?.['InviteLink']]).toEqual([undefined, undefined]);
  });

  it('deletes a group from outside, and returns it', async () => {
    const id = await groupId(0);
    expect((await sandbox.control.changeGroup({ op: 'delete', groupId: id })).groupId).toBe(id);
    expect((await send('POST', 'groups', { op: 'delete', groupId: id }))[0]).toBe(404);
  });

  describe('members', () => {
    const member = async (op: string, id: string, phoneNumber: string) =>
      send('POST', 'members', { op, groupId: id, phoneNumber });

    it('join by link, once, and leave', async () => {
      const id = await groupId(0);
      expect((await member('join', id, '8615000000001'))[1]).toMatchObject({
        group: { participants: ['8615000000001'] },
      });
      expect((await member('join', id, '8615000000001'))[1]).toMatchObject({
        group: { participants: ['8615000000001'] },
      });
      expect((await member('leave', id, '8615000000001'))[1]).toMatchObject({ group: { participants: [] } });
      expect((await member('leave', id, '8615000000001'))[0]).toBe(404);
    });

    it('cannot join without a link', async () => {
      expect(await member('join', await groupId(1), '8615000000001')).toEqual([
        409,
        { error: 'Members can only join by link, and the group has no link.' },
      ]);
    });

    it('cannot rejoin after being removed, but can after leaving', async () => {
      const id = await groupId(0);
      await member('join', id, '8615000000001');
      await member('leave', id, '8615000000001');
      expect((await member('join', id, '8615000000001'))[0]).toBe(200);
      const List = '[{"ParticipantNumber":"8615000000001"}]';
      await sandbox.call('DeleteChatGroupParticipants', { ...ACME, GroupId: id, List });
      expect(await member('join', id, '8615000000001')).toEqual([
        409,
        { error: '8615000000001 was removed and cannot rejoin by link.' },
      ]);
    });

    it('are limited to eight', async () => {
      const id = await groupId(0);
      const statuses = [];
      for (let last = 1; last <= 9; last += 1)
        statuses.push((await member('join', id, `861500000000${last}`))[0]);
      expect(statuses).toEqual([...Array<number>(8).fill(200), 409]);
    });
  });

  it.each<[string, string, unknown, number, string]>([
    ['POST', 'faults', {}, 400, 'kind is required'],
    ['POST', 'faults', '{', 400, 'JSON object'],
    ['POST', 'faults', '[]', 400, 'JSON object'],
    ['POST', 'faults', { kind: 'explode' }, 400, 'kind must be one of latency'],
    ['POST', 'faults', { kind: 'reset', action: 'Nothing' }, 400, 'action Nothing does not exist'],
    ['POST', 'faults', { kind: 'reset', ratio: 2 }, 400, 'ratio must be a number from 0 to 1'],
    ['POST', 'faults', { kind: 'reset', count: 0 }, 400, 'count must be a whole number from 1'],
    ['POST', 'faults', { kind: 'latency' }, 400, 'ms is required for latency'],
    ['POST', 'faults', { kind: 'reset', tpyo: 1 }, 400, 'tpyo is not a field'],
    ['POST', 'faults', { kind: 'reset', code: 1 }, 400, 'code must be a string'],
    ['POST', 'faults', { kind: 'reset', apply: 'yes' }, 400, 'apply must be true or false'],
    ['POST', 'faults', { kind: 'fails-later' }, 400, 'ms is required for fails-later'],
    [
      'POST',
      'faults',
      { kind: 'fails-later', ms: 1, fields: ['Owner'] },
      400,
      'fields must be some of Subject, Description',
    ],
    [
      'POST',
      'faults',
      { kind: 'fails-later', ms: 1, fields: ['Subject'], action: 'AddChatGroup' },
      400,
      'fields needs the kind fails-later and the action UpdateChatGroup',
    ],
    ['POST', 'faults', { kind: 'reset', members: ['1'] }, 400, 'members needs the kind fails-later'],
    [
      'POST',
      'faults',
      { kind: 'fails-later', ms: 1, fields: ['Subject'], members: ['1'] },
      400,
      'cannot be combined',
    ],
    ['DELETE', 'faults', { kind: 'explode' }, 400, 'kind must be one of'],
    ['POST', 'groups', {}, 400, 'op is required'],
    ['POST', 'groups', { op: 'create', subject: 'x' }, 400, 'custSpaceId is required'],
    ['POST', 'groups', { op: 'create', ...SCOPE }, 400, 'subject is required'],
    ['POST', 'groups', { op: 'update', groupId: 'G', subject: null }, 400, 'subject must be a string'],
    [
      'POST',
      'groups',
      { op: 'update', groupId: 'G', participants: [8613] },
      400,
      'participants must be a list of strings',
    ],
    ['POST', 'groups', { op: 'update', groupId: 'G', subject: 'x' }, 404, 'does not exist'],
    ['POST', 'members', { op: 'join', groupId: 'G' }, 400, 'phoneNumber is required'],
    ['POST', 'members', { op: 'join', groupId: 'G', phoneNumber: '' }, 400, 'phoneNumber is required'],
    ['POST', 'members', { op: 'join', groupId: 'G', phoneNumber: '12345' }, 404, 'does not exist'],
    ['POST', 'members', { groupId: 'G' }, 400, 'op is required'],
    ['POST', 'expire-token', { expired: 'yes' }, 400, 'expired must be true or false'],
    ['POST', 'settings', { qps: 0 }, 400, 'qps must be a whole number from 1'],
    ['POST', 'settings', { limits: 5 }, 400, 'limits must be an object'],
    ['POST', 'settings', { limits: { qps: 5 } }, 400, 'qps is not a field'],
    ['POST', 'settings', { limits: { pageSize: 0 } }, 400, 'pageSize must be a whole number from 1'],
    ['POST', 'settings', { listLagMs: -1 }, 400, 'listLagMs must be a whole number from 0'],
    ['POST', 'nothing', {}, 404, 'Unknown control'],
    ['POST', 'constructor', {}, 404, 'Unknown control'],
    ['PUT', 'faults', {}, 405, 'faults supports GET, POST, DELETE'],
    ['GET', 'reset', undefined, 405, 'reset supports POST'],
  ])('%s %s %j: %d, %s', async (method, path, body, status, message) => {
    const [answered, { error }] = await send(method, path, body);
    expect(error).toContain(message);
    expect(answered).toBe(status);
  });

  it('uses another port if its own is in use and fallback is enabled', async () => {
    const port = Number(new URL(sandbox.url).port);
    const settings = { host: '127.0.0.1', port, unlistedMs: 0, creatingMs: 0, listLagMs: 0, qps: null };
    await expect(startSandbox({ ...settings, fallbackToFreePort: false })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    const other = await startSandbox({ ...settings, fallbackToFreePort: true });
    expect(other.url).not.toBe(sandbox.url);
    expect((await fetch(`${other.url}/__sandbox__/calls`)).status).toBe(200);
    await other.close();
  });
});
