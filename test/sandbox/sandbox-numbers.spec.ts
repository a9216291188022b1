import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ACME, record, records, startTestSandbox, type TestSandbox } from '../support/sandbox-rpc.js';

const MEMBERS = [
  '+8613700000001',
  '8613700000002',
  'US.13491208655302741918',
  'US.ENT.AbC123',
  '1203630@lid',
];

describe('numbers in the sandbox', () => {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await startTestSandbox();
  });
  afterAll(async () => sandbox.close());
  beforeEach(async () => sandbox.control.reset());

  const createGroup = async (participants: readonly string[]): Promise<string> =>
    (
      await sandbox.control.changeGroup({
        op: 'create',
        custSpaceId: ACME.CustSpaceId,
        businessNumber: ACME.BusinessNumber,
        subject: 'Members',
        inviteLink: true,
        participants,
      })
    ).groupId;
  const listed = async (GroupId: string): Promise<unknown[]> => {
    const { body } = await sandbox.call('ListChatGroupParticipants', { ...ACME, GroupId });
    return records(record(body['Data'])['List']).map((row) => row['ParticipantNumber']);
  };
  const remove = async (GroupId: string, ids: readonly string[]): Promise<unknown> => {
    const List = JSON.stringify(ids.map((ParticipantNumber) => ({ ParticipantNumber })));
    return (await sandbox.call('DeleteChatGroupParticipants', { ...ACME, GroupId, List })).body['Result'];
  };

  it('are the same with and without a plus: business numbers', async () => {
    const plus = { ...ACME, BusinessNumber: `+${ACME.BusinessNumber}` };
    expect(await sandbox.list(plus)).toEqual(await sandbox.list());
    await sandbox.call('AddChatGroup', { ...plus, Subject: 'with a plus' });
    const { groups } = await sandbox.list({ Subject: 'with a plus' });
    expect(groups).toMatchObject([{ BusinessNumber: ACME.BusinessNumber }]);
    const scope = { custSpaceId: ACME.CustSpaceId, businessNumber: plus.BusinessNumber };
    expect(await sandbox.control.groups(scope)).toHaveLength(52);
  });

  it('of members are listed as they were added, and removed in either form', async () => {
    const id = await createGroup(MEMBERS);
    expect(await listed(id)).toEqual(MEMBERS);
    expect(await remove(id, ['8613700000001', '+8613700000002'])).toBe(2);
    expect(await listed(id)).toEqual(MEMBERS.slice(2));
  });

  it('of members can be any text, of which letters count', async () => {
    const id = await createGroup(MEMBERS);
    expect(await remove(id, ['US.ENT.abc123', '+US.ENT.AbC123', '+1203630'])).toBe(0);
    expect(await remove(id, ['US.ENT.AbC123', '1203630@lid', '群'.repeat(255)])).toBe(2);
    expect(await listed(id)).toEqual(MEMBERS.slice(0, 3));
  });

  it('of members join once, and not again after a removal, in either form', async () => {
    const id = await createGroup([]);
    const join = async (phoneNumber: string): Promise<void> =>
      sandbox.control.changeMember({ op: 'join', groupId: id, phoneNumber });
    for (const member of ['+8613700000001', '8613700000001', '1203630@lid']) await join(member);
    expect(await listed(id)).toEqual(['+8613700000001', '1203630@lid']);
    await remove(id, ['8613700000001']);
    await expect(join('8613700000001')).rejects.toThrow('was removed and cannot rejoin');
    await sandbox.control.changeMember({ op: 'leave', groupId: id, phoneNumber: '1203630@lid' });
    expect(await listed(id)).toEqual([]);
  });

  it('of members can be made unusable by the controls', async () => {
    const unusable = ['', 'None', ' '];
    expect(await listed(await createGroup(unusable))).toEqual(unusable);
  });
});
