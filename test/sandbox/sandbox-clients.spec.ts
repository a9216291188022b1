import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ACME,
  dateAt,
  record,
  records,
  startTestSandbox,
  type SdkAnswer,
  type TestSandbox,
} from '../support/sandbox-rpc.js';

const SCOPE = { custSpaceId: ACME.CustSpaceId, businessNumber: ACME.BusinessNumber };
const PAGE = '{"Index":1,"Size":100}';
const AWKWARD = '群👨‍👩‍👧 é !\'()*~+ %&=#/?@:;,$ "<>\\ %2B %E7 [object Object]';
const SUBJECTS = [AWKWARD, ` \n${AWKWARD}\t `, '😀'.repeat(128), '+', '%', 'a\u00a0b\u2028c', 'null', '-0'];
const DESCRIPTIONS = [
  ['2,048 CJK characters', '群'.repeat(2_048)],
  ['lines', 'line 1\nline 2\r\n\n\ttab'],
  ['awkward characters', AWKWARD.repeat(30)],
  ['a query', '&Subject=x#y'],
] as const;
const LINK = `https://t.me/+a?b=${AWKWARD}`;
const PICTURE = 'https://pictures.example.com/a b.jpg?x=%20&y=é+z#群';
const MEMBERS = ['+8613700000001', "US.ENT.A'()*~+&=%#", '1203630@lid', '群 😀', '"}]'];

/** What a client can change about a call. `Signature…` and `Timestamp` are named as in V1. */
interface Changes {
  readonly accessKeyId?: string;
  readonly accessKeySecret?: string;
  readonly date?: string;
  readonly nonce?: string;
}
type Client = (
  sandbox: TestSandbox,
) => (action: string, query: Record<string, string>, changes?: Changes) => Promise<SdkAnswer>;

const popCore =
  (method: 'GET' | 'POST'): Client =>
  (sandbox) =>
  async (action, query, { date, nonce, ...options } = {}) =>
    sandbox.callByPopCore(
      action,
      {
        ...query,
        ...(date !== undefined && { Timestamp: date }),
        ...(nonce !== undefined && { SignatureNonce: nonce }),
      },
      { method, ...options },
    );
const openApi: Client =
  (sandbox) =>
  async (action, query, { date, nonce, ...options } = {}) =>
    sandbox.call(action, query, {
      ...options,
      headers: {
        ...(date !== undefined && { 'x-acs-date': date }),
        ...(nonce !== undefined && { 'x-acs-signature-nonce': nonce }),
      },
    });

describe.each<[string, Client]>([
  ['openapi-client, ACS3', openApi],
  ['pop-core, V1 over GET', popCore('GET')],
  ['pop-core, V1 over POST', popCore('POST')],
])("the vendor's client %s", (_, client) => {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await startTestSandbox();
  });
  afterAll(async () => sandbox.close());
  beforeEach(async () => sandbox.control.reset());

  const call = async (action: string, query: Record<string, string>, changes?: Changes): Promise<SdkAnswer> =>
    client(sandbox)(action, { ...ACME, ...query }, changes);
  const last = async () => {
    const group = (await sandbox.control.groups(SCOPE)).at(-1);
    if (!group) throw new Error('There are no groups.');
    return group;
  };

  it.each(SUBJECTS.map((subject) => [subject]))('stores and finds the subject %j', async (Subject) => {
    expect((await call('AddChatGroup', { Subject })).body).toMatchObject({ Code: 'OK' });
    expect((await last()).subject).toBe(Subject.trim());
    const { body } = await call('ListChatGroup', { Page: PAGE, Subject: Subject.trim() });
    expect(records(record(body['Data'])['List'])).toContainEqual(
      expect.objectContaining({ Subject: Subject.trim() }),
    );
  });

  it.each(DESCRIPTIONS)('stores a description of %s', async (_, Description) => {
    await call('AddChatGroup', { Subject: 'Described', Description });
    expect((await last()).description).toBe(Description.trim());
    await call('UpdateChatGroup', {
      GroupId: (await last()).groupId,
      Description: `> ${Description}`.slice(0, 2_048),
    });
    expect((await last()).description).toBe(`> ${Description}`.slice(0, 2_048).trim());
  });

  it('runs all eight operations with awkward values', async () => {
    expect((await call('AddChatGroup', { Subject: 'New', GroupLink: LINK })).body).toMatchObject({
      UniqueCode: expect.any(String),
    });
    const { groupId: GroupId } = await last();
    const found = async (query: Record<string, string>): Promise<unknown> =>
      record((await call('ListChatGroup', { Page: PAGE, ...query })).body['Data']);
    expect(await found({ GroupLink: LINK })).toMatchObject({
      Total: 1,
      List: [{ GroupId, GroupLink: LINK }],
    });
    const update = { GroupId, Subject: AWKWARD, Description: AWKWARD, ProfilePictureFile: PICTURE };
    expect((await call('UpdateChatGroup', update)).body).toMatchObject({ Result: 1 });
    expect(await last()).toMatchObject({
      subject: AWKWARD,
      description: AWKWARD,
      profilePictureFile: PICTURE,
    });
    const { InviteLink } = (await call('AddChatGroupInviteLink', { GroupId })).body;
    expect((await last()).inviteLink).toBe(InviteLink);
    for (const phoneNumber of MEMBERS)
      await sandbox.control.changeMember({ op: 'join', groupId: GroupId, phoneNumber });
    const members = await call('ListChatGroupParticipants', { GroupId, Page: PAGE });
    const rows = MEMBERS.map((ParticipantNumber) => ({ ParticipantNumber }));
    expect(members.body['Data']).toEqual({ Total: 5, List: rows });
    const List = JSON.stringify(rows.slice(1));
    expect((await call('DeleteChatGroupParticipants', { GroupId, List })).body).toMatchObject({ Result: 4 });
    expect(await last()).toMatchObject({ participants: MEMBERS.slice(0, 1), removed: MEMBERS.slice(1) });
    expect((await call('DeleteChatGroupInviteLink', { GroupId })).body).toMatchObject({ Result: 1 });
    expect((await last()).inviteLink).toBeUndefined();
    expect((await call('DeleteChatGroup', { GroupId })).body).toMatchObject({ Result: 1 });
    expect((await last()).groupId).not.toBe(GroupId);
    const actions = new Set((await sandbox.control.calls()).map(({ action }) => action));
    expect(actions.size).toBe(8);
  });

  it.each<[string, (now: number) => Changes, number, string]>([
    ['a wrong secret', () => ({ accessKeySecret: 'wrong' }), 400, 'SignatureDoesNotMatch'],
    ['a wrong key id', () => ({ accessKeyId: 'nobody' }), 404, 'InvalidAccessKeyId.NotFound'],
    ['an old date', (now) => ({ date: dateAt(now - 901_000) }), 400, 'InvalidTimeStamp.Expired'],
    ['a future date', (now) => ({ date: dateAt(now + 901_000) }), 400, 'InvalidTimeStamp.Expired'],
    ['a malformed date', (now) => ({ date: new Date(now).toUTCString() }), 400, 'InvalidTimeStamp.Format'],
  ])('is refused with %s', async (_, changes, status, code) => {
    const answer = await call('AddChatGroup', { Subject: 'x' }, changes(sandbox.time.now));
    expect(answer).toMatchObject({ status, body: { Code: code }, error: { code } });
    expect(await sandbox.control.groups(SCOPE)).toHaveLength(51);
  });

  it('is refused with a nonce that was used before', async () => {
    const answers = [];
    for (const _ of [1, 2]) answers.push(await call('AddChatGroup', { Subject: 'x' }, { nonce: 'once' }));
    expect(answers.map(({ body }) => body['Code'])).toEqual(['OK', 'SignatureNonceUsed']);
    expect(await sandbox.control.groups(SCOPE)).toHaveLength(52);
  });

  it('reads rejections by the product, which have HTTP 200', async () => {
    const { status, body } = await call('AddChatGroup', { Subject: 'x'.repeat(129) });
    expect([status, body['Code']]).toEqual([200, 'InvalidParameter.SubjectInvalid']);
  });
});
