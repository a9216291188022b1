import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ACME,
  GLOBEX,
  record,
  records,
  startTestSandbox,
  type SdkAnswer,
  type TestSandbox,
} from '../support/sandbox-rpc.js';

const PAGE = '{"Index":1,"Size":20}';
const ACME_SCOPE = { custSpaceId: ACME.CustSpaceId, businessNumber: ACME.BusinessNumber };

describe('the operations of the sandbox', () => {
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
  const aGroup = async (): Promise<string> => (await ids())[1] ?? '';
  const found = async (id: string): Promise<Record<string, unknown> | undefined> =>
    (await sandbox.list()).groups.find((group) => group['GroupId'] === id);

  describe('AddChatGroup', () => {
    it('adds a group at the end of the list and returns no group ID', async () => {
      const before = await ids();
      const { body } = await call('AddChatGroup', { Subject: '  新群 😀 ', Description: 'two\nlines' });
      expect(body['UniqueCode']).toMatch(/^[0-9a-f]{32}$/);
      const { groups } = await sandbox.list();
      const added = groups.at(-1);
      expect(added).toMatchObject({ Subject: '新群 😀', Description: 'two\nlines', GroupStatus: 'ACTIVE' });
      expect(Object.values(body)).not.toContain(added?.['GroupId']);
      expect(groups.slice(0, -1).map((group) => group['GroupId'])).toEqual(before);
    });

    it('creates a group for an unused number', async () => {
      const fresh = { CustSpaceId: 'cams-fresh', BusinessNumber: '85212345678' };
      await call('AddChatGroup', { ...fresh, Subject: 'first' });
      expect((await sandbox.list(fresh)).total).toBe(1);
    });

    it('counts code points, as Meta does', async () => {
      const code = async (Subject: string, Description = ''): Promise<unknown> =>
        (await call('AddChatGroup', { Subject, Description })).body['Code'];
      expect(await code('😀'.repeat(128), '群'.repeat(2_048))).toBe('OK');
      expect(await code('😀'.repeat(129))).toBe('InvalidParameter.SubjectInvalid');
      expect(await code('   ')).toBe('InvalidParameter.SubjectInvalid');
      expect(await code('x', '群'.repeat(2_049))).toBe('InvalidParameter.DescriptionInvalid');
    });

    it('rejects a group beyond the maximum per number', async () => {
      await sandbox.control.behave({ groupsPerNumber: 52 });
      const codes = [];
      for (const Subject of ['a', 'b']) codes.push((await call('AddChatGroup', { Subject })).body['Code']);
      expect(codes).toEqual(['OK', 'InvalidParameter.GroupCountLimit']);
    });
  });

  describe('UpdateChatGroup', () => {
    it('changes only the given fields', async () => {
      const id = await aGroup();
      const before = await found(id);
      const ProfilePictureFile = 'https://pictures.example.com/new.jpg';
      expect(
        (await call('UpdateChatGroup', { GroupId: id, Subject: 'renamed', ProfilePictureFile })).body,
      ).toMatchObject({ Code: 'OK', Result: 1 });
      expect(await found(id)).toEqual({
        ...before,
        Subject: 'renamed',
        ProfilePictureFile,
        GmtModifier: sandbox.time.now,
      });
    });

    it('keeps the subject if only the description is given', async () => {
      const id = await aGroup();
      const subject = (await found(id))?.['Subject'];
      await call('UpdateChatGroup', { GroupId: id, Description: 'new' });
      expect(await found(id)).toMatchObject({ Subject: subject, Description: 'new' });
    });

    it.each([
      ['Subject', '', 'InvalidParameter.SubjectInvalid'],
      ['Description', 'x'.repeat(2_049), 'InvalidParameter.DescriptionInvalid'],
      ['ProfilePictureFile', 'picture.jpg', 'InvalidParameter.ProfilePictureFileInvalid'],
      ['ProfilePictureFile', 'ftp://example.com/a.jpg', 'InvalidParameter.ProfilePictureFileInvalid'],
    ])('rejects the %s "%.20s"', async (name, value, code) => {
      expect((await call('UpdateChatGroup', { GroupId: await aGroup(), [name]: value })).body['Code']).toBe(
        code,
      );
    });
  });

  it('deletes a group permanently', async () => {
    const id = await aGroup();
    expect((await call('DeleteChatGroup', { GroupId: id })).body).toMatchObject({ Code: 'OK', Result: 1 });
    expect(await found(id)).toBeUndefined();
    expect((await call('DeleteChatGroup', { GroupId: id })).body).toMatchObject({ Code: 'OK', Result: 0 });
  });

  it('creates an invite link, resets it, and deletes it', async () => {
    const id = await aGroup();
    const link = async (): Promise<unknown> =>
      (await call('AddChatGroupInviteLink', { GroupId: id })).body['InviteLink'];
    const [first, second] = [await link(), await link()];
    expect(first).toMatch(/^https:\/\/chat\.whatsapp\.com\/[A-Za-z0-9]{22}$/);
    expect(second).not.toBe(first);
    expect(await found(id)).toMatchObject({ InviteLink: second });
    const results = [];
    for (const _ of [1, 2])
      results.push((await call('DeleteChatGroupInviteLink', { GroupId: id })).body['Result']);
    expect(results).toEqual([1, 0]);
    expect((await found(id))?.['InviteLink']).toBeUndefined();
  });

  describe('participants', () => {
    const numbers = async (id: string, query = {}): Promise<unknown[]> => {
      const { List } = record(
        (await call('ListChatGroupParticipants', { GroupId: id, ...query })).body['Data'],
      );
      return records(List).map((item) => item['ParticipantNumber']);
    };

    it('are listed with or without paging', async () => {
      const id = (await ids())[5] ?? '';
      const all = await numbers(id);
      expect(all).toHaveLength(5);
      expect(await numbers(id, { Page: '{"Index":2,"Size":2}' })).toEqual(all.slice(2, 4));
      const { body } = await call('ListChatGroupParticipants', { GroupId: id, Page: 'x' });
      expect(body['Code']).toBe('InvalidParameter.PageInvalid');
    });

    it('are removed and counted; numbers that are not members are ignored', async () => {
      const id = (await ids())[5] ?? '';
      const [first, ...others] = await numbers(id);
      const List = JSON.stringify([{ ParticipantNumber: first }, { ParticipantNumber: '8615099999999' }]);
      expect((await call('DeleteChatGroupParticipants', { GroupId: id, List })).body['Result']).toBe(1);
      expect(await numbers(id)).toEqual(others);
      expect((await call('DeleteChatGroupParticipants', { GroupId: id, List })).body['Result']).toBe(0);
    });

    it.each([
      ['an empty list', '[]', 'InvalidParameter.ListInvalid'],
      ['plain numbers', '["8613800000009"]', 'InvalidParameter.PhoneNumberError'],
      ['a member without an id', '[{"ParticipantNumber":""}]', 'InvalidParameter.PhoneNumberError'],
      [
        'an id of 256 characters',
        JSON.stringify([{ ParticipantNumber: '群'.repeat(256) }]),
        'InvalidParameter.PhoneNumberError',
      ],
      [
        'nine',
        JSON.stringify(Array.from({ length: 9 }, () => ({ ParticipantNumber: '12345' }))),
        'InvalidParameter.ListInvalid',
      ],
    ])('rejects the removal of %s', async (_, List, code) => {
      const query = { GroupId: await aGroup(), List };
      expect((await call('DeleteChatGroupParticipants', query)).body['Code']).toBe(code);
    });
  });

  const WITH_GROUP = [
    'UpdateChatGroup',
    'DeleteChatGroup',
    'AddChatGroupInviteLink',
    'DeleteChatGroupInviteLink',
    'ListChatGroupParticipants',
    'DeleteChatGroupParticipants',
  ];
  const FIELDS: Record<string, string> = {
    Subject: 'x',
    Page: PAGE,
    List: '[{"ParticipantNumber":"8613800000009"}]',
  };

  it.each([
    ...WITH_GROUP.map((action) => [action, 'GroupId'] as const),
    ['AddChatGroup', 'Subject'],
    ['ListChatGroup', 'Page'],
  ])('%s rejects a call without %s, or with an empty one', async (action, name) => {
    const { [name]: _, ...others }: Record<string, string> = { ...FIELDS, GroupId: 'NOSUCH' };
    // The vendor's gateway checks what is missing before the product checks what is invalid.
    for (const query of [others, { ...others, [name]: '' }, { ...others, ChannelType: 'TELEGRAM' }]) {
      const { status, body } = await call(action, query);
      expect([status, body['Code']]).toEqual([400, `Missing${name}`]);
    }
  });

  it('DeleteChatGroupParticipants without List is refused by the product, which does not mark it as required', async () => {
    const { List: _, ...others }: Record<string, string> = { ...FIELDS, GroupId: 'NOSUCH' };
    const { status, body } = await call('DeleteChatGroupParticipants', others);
    expect([status, body['Code']]).toEqual([200, 'InvalidParameter.ListInvalid']);
  });

  it.each(WITH_GROUP)('%s changes nothing if the group does not exist', async (action) => {
    const { body } = await call(action, { ...FIELDS, GroupId: 'NOSUCH' });
    if (action === 'ListChatGroupParticipants')
      expect(body).toMatchObject({ Code: 'OK', Data: { Total: 0, List: [] } });
    else if (action === 'AddChatGroupInviteLink') expect(body['Code']).toBe('InvalidParameter.GroupNotExist');
    else expect(body).toMatchObject({ Code: 'OK', Result: 0 });
  });

  it.each([...WITH_GROUP, 'AddChatGroup', 'ListChatGroup'])('%s checks the scope', async (action) => {
    const ask = async (scope: Record<string, string>): Promise<unknown> => {
      const { status, body } = await sandbox.call(action, { ...FIELDS, GroupId: 'NOSUCH', ...scope });
      return [status, body['Code']];
    };
    const { CustSpaceId, BusinessNumber } = ACME;
    expect(await ask({ CustSpaceId })).toEqual([400, 'MissingBusinessNumber']);
    expect(await ask({ BusinessNumber })).toEqual([400, 'MissingCustSpaceId']);
    expect(await ask({ ...ACME, CustSpaceId: '' })).toEqual([400, 'MissingCustSpaceId']);
    expect(await ask({ ...ACME, BusinessNumber: '+86 138' })).toEqual([
      200,
      'InvalidParameter.PhoneNumberError',
    ]);
    expect(await ask({ ...ACME, ChannelType: 'TELEGRAM' })).toEqual([
      200,
      'InvalidParameter.ChannelTypeNotSupport',
    ]);
  });

  it('accept any group ID under any number of the account, as the real CAMS does', async () => {
    const foreign = (await ids(GLOBEX))[0] ?? '';
    expect((await call('UpdateChatGroup', { GroupId: foreign, Subject: 'taken over' })).body['Result']).toBe(
      1,
    );
    expect((await sandbox.list(GLOBEX)).groups[0]).toMatchObject({ Subject: 'taken over' });
    expect((await call('DeleteChatGroup', { GroupId: foreign })).body['Result']).toBe(1);
    expect(await ids(GLOBEX)).not.toContain(foreign);
  });

  it.each([
    ['AddChatGroup', false, 'None', ''],
    ['UpdateChatGroup', false, 'None', '\n'],
    ['DeleteChatGroup', true, 'None', ''],
    ['AddChatGroupInviteLink', true, 'None', '\n'],
    ['ListChatGroup', true, undefined, ''],
    ['DeleteChatGroupInviteLink', true, 'None', ''],
    ['ListChatGroupParticipants', true, 'None', ''],
    ['DeleteChatGroupParticipants', false, 'None', ''],
  ] as const)(
    '%s succeeds as its page shows: Success %s, Message %s',
    async (action, Success, Message, end) => {
      const [id] = await ids();
      const { body } = await call(action, { ...FIELDS, GroupId: id ?? '' });
      expect([body['Success'], body['Message'], body['AccessDeniedDetail']]).toEqual([
        Success,
        Message,
        'None',
      ]);
      expect(body['Code']).toBe('OK');
      expect(body['RequestId']).toMatch(new RegExp(`^[0-9A-F]{8}-[0-9A-F-]{26}O${end}$`));
    },
  );

  it('do not mix up spaces whose names contain each other', async () => {
    await sandbox.control.changeGroup({
      op: 'create',
      ...ACME_SCOPE,
      custSpaceId: 'cams-acme2',
      subject: 'other',
    });
    expect((await sandbox.list()).total).toBe(51);
    expect((await sandbox.list({ CustSpaceId: 'cams-acme2' })).total).toBe(1);
  });
});
