import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ACME, GLOBEX, startTestSandbox, type SdkAnswer, type TestSandbox } from '../support/sandbox-rpc.js';

const PAGE = '{"Index":1,"Size":20}';

describe('ListChatGroup of the sandbox', () => {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await startTestSandbox();
  });
  afterAll(async () => sandbox.close());
  beforeEach(async () => sandbox.control.reset());

  const call = async (action: string, query: Record<string, string> = {}): Promise<SdkAnswer> =>
    sandbox.call(action, { ...ACME, ...query });
  const ids = async (scope: Record<string, string> = ACME): Promise<string[]> =>
    (await sandbox.list(scope)).groups.map((group) => String(group['GroupId']));

  it('lists 51 seeded groups of each demo number, the same in every run', async () => {
    const [acme, globex] = [await ids(), await ids(GLOBEX)];
    expect([acme.length, globex.length]).toEqual([51, 51]);
    expect(new Set([...acme, ...globex]).size).toBe(102);
    const other = await startTestSandbox();
    const again = await other.list();
    await other.close();
    expect(again.groups.map((group) => group['GroupId'])).toEqual(acme);
  });

  it('seeds every status, links on some, and up to 8 members', async () => {
    const { groups } = await sandbox.list();
    const of = (name: string): unknown[] => groups.map((group) => group[name]);
    expect(new Set(of('GroupStatus'))).toEqual(
      new Set(['ACTIVE', 'INACTIVE', 'SUSPENDED', 'CREATING', 'UPDATING', 'DELETING']),
    );
    expect(of('GroupStatus').filter((status) => status === 'ACTIVE').length).toBeGreaterThan(40);
    expect(new Set(of('InviteLink').map((link) => typeof link))).toEqual(new Set(['string', 'undefined']));
    expect(new Set(of('TotalParticipantCount'))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8]));
  });

  it('pages without gaps or repeats, and is empty beyond the end', async () => {
    const pages = await Promise.all(
      [1, 2, 3, 4].map(async (index) => sandbox.list({ Page: JSON.stringify({ Index: index, Size: 20 }) })),
    );
    expect(pages.map(({ groups }) => groups.length)).toEqual([20, 20, 11, 0]);
    expect(pages.map(({ total }) => total)).toEqual([51, 51, 51, 51]);
    expect(pages.flatMap(({ groups }) => groups.map((group) => group['GroupId']))).toEqual(await ids());
  });

  it('filters by exact status and by part of the subject', async () => {
    const active = await sandbox.list({ GroupStatus: 'SUSPENDED' });
    expect(new Set(active.groups.map((group) => group['GroupStatus']))).toEqual(new Set(['SUSPENDED']));
    expect(active.total).toBe(active.groups.length);
    const snow = await sandbox.list({ Subject: '雪山' });
    expect(snow.total).toBe(3);
  });

  it('returns no groups for an unused number', async () => {
    expect(await sandbox.list({ CustSpaceId: 'cams-nobody' })).toEqual({ total: 0, groups: [] });
    expect(await sandbox.list({ BusinessNumber: GLOBEX.BusinessNumber })).toEqual({ total: 0, groups: [] });
  });

  it('also returns the fields that were added to the documentation later', async () => {
    expect((await sandbox.list()).groups[1]).toMatchObject({
      BusinessRole: 'ADMIN',
      GmtModifier: expect.any(Number),
    });
  });

  it.each([
    ['a stringified JavaScript object', { Page: '[object Object]' }],
    ['a Page without Size', { Page: '{"Index":1}' }],
    ['an Index of 0', { Page: '{"Index":0,"Size":20}' }],
    ['a Size of 0', { Page: '{"Index":1,"Size":0}' }],
    ['a fraction', { Page: '{"Index":1.5,"Size":20}' }],
    ['a Size beyond the limit', { Page: '{"Index":1,"Size":1001}' }],
    ['null', { Page: 'null' }],
  ])('rejects %s', async (_, query) => {
    expect(await call('ListChatGroup', query)).toMatchObject({
      status: 200,
      body: { Code: 'InvalidParameter.PageInvalid', Success: false },
    });
  });

  it('rejects a flattened Page, which the SDKs do not send', async () => {
    expect(await call('ListChatGroup', { 'Page.Index': '1', 'Page.Size': '20' })).toMatchObject({
      status: 400,
      body: { Code: 'MissingPage', Message: 'Page is mandatory for this action.' },
    });
  });

  describe('type and link of a group', () => {
    const rows = async (query: Record<string, string>): Promise<Record<string, unknown>[]> =>
      (await sandbox.list(query)).groups;

    it('are seeded on a few groups, the same in every run, and absent from the rest', async () => {
      const groups = await rows({});
      const typed = groups.filter((group) => 'GroupType' in group);
      expect(typed.map((group) => group['GroupType'])).toEqual(
        [1, 2, 3].flatMap(() => ['SUPERGROUP', 'CHANNEL']),
      );
      const links = groups.filter((group) => 'GroupLink' in group).map((group) => group['GroupLink']);
      expect(links).toHaveLength(3);
      expect(links[0]).toBe('https://t.me/+lAh-emswh1ex4yTc');
    });

    it('filter exactly; an empty filter is none', async () => {
      const [linked] = await rows({ GroupType: 'SUPERGROUP' });
      const GroupLink = String(linked?.['GroupLink']);
      expect(await rows({ GroupLink })).toEqual([linked]);
      expect(await rows({ GroupLink, GroupType: 'CHANNEL' })).toEqual([]);
      expect(await rows({ GroupLink: GroupLink.slice(0, -1) })).toEqual([]);
      expect(await rows({ GroupType: 'supergroup' })).toEqual([]);
      expect(await rows({ GroupLink: '', GroupType: '' })).toHaveLength(51);
    });

    it('are stored: the link when a group is added, all by the controls', async () => {
      await call('AddChatGroup', { Subject: 'linked', GroupLink: 'https://t.me/linked' });
      await call('AddChatGroup', { Subject: 'not linked', GroupLink: '' });
      const [linked] = await rows({ GroupLink: 'https://t.me/linked' });
      expect(linked).toMatchObject({ Subject: 'linked', BusinessRole: 'ADMIN' });
      expect((await rows({ Subject: 'not linked' }))[0]).not.toHaveProperty('GroupLink');
      const change = { op: 'update', groupId: linked?.['GroupId'] };
      await sandbox.control.changeGroup({ ...change, groupType: 'CHANNEL', businessRole: 'MEMBER' });
      expect((await rows({ GroupType: 'CHANNEL', Subject: 'linked' }))[0]).toMatchObject({
        BusinessRole: 'MEMBER',
        GroupLink: 'https://t.me/linked',
      });
      await sandbox.control.changeGroup({ ...change, groupType: null, groupLink: null });
      const [cleared] = await rows({ Subject: 'linked' });
      expect(cleared).toMatchObject({ GroupId: linked?.['GroupId'] });
      expect([cleared?.['GroupType'], cleared?.['GroupLink']]).toEqual([undefined, undefined]);
    });
  });

  it('rejects a status that does not exist', async () => {
    const { body } = await call('ListChatGroup', { Page: PAGE, GroupStatus: 'active' });
    expect(body['Code']).toBe('InvalidParameter.GroupStatusInvalid');
  });
});
