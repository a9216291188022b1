import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ACME, startTestSandbox, until, type TestSandbox } from '../support/sandbox-rpc.js';
import type { SandboxGroup } from '../support/sandbox-control.js';

const SCOPE = { custSpaceId: ACME.CustSpaceId, businessNumber: ACME.BusinessNumber };
/** Long enough for a few calls on a busy machine. */
const MS = 1_000;
const NEVER_MS = 60_000;

describe('the fault fails-later', () => {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await startTestSandbox();
  });
  afterAll(async () => sandbox.close());
  beforeEach(async () => sandbox.control.reset());

  const failLater = async (fault: Record<string, unknown> = {}): Promise<void> =>
    sandbox.control.fault({ kind: 'fails-later', ms: MS, count: 1, ...fault });
  const call = async (action: string, query: Record<string, string>): Promise<Record<string, unknown>> =>
    (await sandbox.call(action, { ...ACME, ...query })).body;
  const groups = async (): Promise<readonly SandboxGroup[]> => sandbox.control.groups(SCOPE);
  const groupAt = async (index: number): Promise<SandboxGroup> => {
    const group = (await groups())[index];
    if (!group) throw new Error(`There is no group ${index}.`);
    return group;
  };
  const listed = async (): Promise<unknown[]> =>
    (await sandbox.list()).groups.map((group) => group['GroupId']);
  /** Waits until the group at this place fulfils the condition. */
  const untilGroup = async (index: number, is: (group: SandboxGroup) => boolean): Promise<SandboxGroup> =>
    until(async () => {
      const group = (await groups())[index];
      return group && is(group) ? group : undefined;
    });

  it('accepts an added group and lists it until it disappears', async () => {
    const before = await listed();
    await failLater();
    expect(await call('AddChatGroup', { Subject: 'Gone soon' })).toMatchObject({ Code: 'OK' });
    expect((await sandbox.control.calls()).at(-1)).toMatchObject({
      outcome: 'fault:fails-later',
      applied: true,
    });
    expect(await listed()).toHaveLength(52);
    await until(async () => ((await listed()).length === 51 ? true : undefined));
    expect(await listed()).toEqual(before);
  });

  it('undoes a whole update', async () => {
    const before = await groupAt(1);
    await failLater();
    const update = { Subject: 'New', Description: 'New', ProfilePictureFile: 'https://example.com/new.jpg' };
    expect(await call('UpdateChatGroup', { GroupId: before.groupId, ...update })).toMatchObject({
      Code: 'OK',
      Result: 1,
    });
    expect(await groupAt(1)).toMatchObject({ subject: 'New', description: 'New' });
    const after = await untilGroup(1, ({ subject }) => subject === before.subject);
    expect(after).toEqual({ ...before, modifiedAt: expect.any(String) });
  });

  it('undoes only the named fields of an update', async () => {
    const before = await groupAt(1);
    await failLater({ fields: ['subject', 'PROFILEPICTUREFILE'] });
    await call('UpdateChatGroup', { GroupId: before.groupId, Subject: 'New', Description: 'New' });
    const after = await untilGroup(1, ({ subject }) => subject === before.subject);
    expect(after).toMatchObject({ description: 'New', profilePictureFile: before.profilePictureFile });
  });

  it('undoes no field that has changed again', async () => {
    const before = await groupAt(1);
    await failLater({ ms: 1_500 });
    await call('UpdateChatGroup', { GroupId: before.groupId, Subject: 'New', Description: 'New' });
    await sandbox.control.changeGroup({ op: 'update', groupId: before.groupId, subject: 'Newer' });
    const after = await untilGroup(1, ({ description }) => description === before.description);
    expect(after.subject).toBe('Newer');
  });

  it('brings a deleted group back at its old place', async () => {
    const before = await listed();
    const [first, second] = [await groupAt(3), await groupAt(4)];
    await failLater({ count: 2 });
    for (const { groupId } of [first, second])
      expect(await call('DeleteChatGroup', { GroupId: groupId })).toMatchObject({ Result: 1 });
    expect(await listed()).toHaveLength(49);
    await until(async () => ((await listed()).length === 51 ? true : undefined));
    expect(await listed()).toEqual(before);
    expect(await groupAt(3)).toEqual(first);
  });

  it.each([
    ['AddChatGroupInviteLink', 0],
    ['AddChatGroupInviteLink', 1],
    ['DeleteChatGroupInviteLink', 0],
  ])('restores the link, or its absence, that %s replaced in group %d', async (action, index) => {
    const before = await groupAt(index);
    await failLater({ action });
    await call(action, { GroupId: before.groupId });
    expect((await groupAt(index)).inviteLink).not.toBe(before.inviteLink);
    await untilGroup(index, ({ inviteLink }) => inviteLink === before.inviteLink);
  });

  it('leaves a link that was created after the one that failed', async () => {
    const { groupId } = await groupAt(0);
    await failLater();
    await call('AddChatGroupInviteLink', { GroupId: groupId });
    const { InviteLink } = await call('AddChatGroupInviteLink', { GroupId: groupId });
    // The other write ends after the first undo.
    await failLater({ action: 'AddChatGroup' });
    await call('AddChatGroup', { Subject: 'Gone soon' });
    await until(async () => ((await groups()).length === 51 ? true : undefined));
    expect((await groupAt(0)).inviteLink).toBe(InviteLink);
  });

  describe('members', () => {
    const remove = async (GroupId: string, members: readonly string[]): Promise<unknown> => {
      const List = JSON.stringify(members.map((ParticipantNumber) => ({ ParticipantNumber })));
      return (await call('DeleteChatGroupParticipants', { GroupId, List }))['Result'];
    };

    it('come back at their places, and can join again', async () => {
      const { groupId, participants } = await groupAt(6);
      await failLater();
      expect(
        await remove(
          groupId,
          [0, 1, 4].map((place) => participants[place] ?? ''),
        ),
      ).toBe(3);
      expect((await groupAt(6)).participants).toHaveLength(3);
      const after = await untilGroup(6, (group) => group.participants.length === 6);
      expect(after).toMatchObject({ participants, removed: [] });
    });

    it('come back only if they are named, in either form', async () => {
      const { groupId, participants } = await groupAt(6);
      await failLater({ members: [`+${participants[1]}`] });
      await remove(groupId, participants.slice(0, 3));
      const after = await untilGroup(6, (group) => group.participants.length === 4);
      expect(after.participants).toEqual([participants[1], ...participants.slice(3)]);
      expect(after.removed).toEqual([participants[0], participants[2]]);
    });

    it('who joined in between keep their places', async () => {
      const { groupId, participants } = await groupAt(6);
      await failLater({ ms: 1_500 });
      await remove(groupId, participants.slice(4));
      const joined = [...participants.slice(0, 4), '8613700000001'];
      await sandbox.control.changeGroup({ op: 'update', groupId, participants: joined });
      const after = await untilGroup(6, (group) => group.participants.length === 7);
      expect(after.participants).toEqual([...joined, ...participants.slice(4)]);
    });
  });

  it('does not match reads, nor other writes if it names fields or members', async () => {
    await failLater({ ms: NEVER_MS, fields: ['Subject'] });
    await failLater({ ms: NEVER_MS, members: ['8613700000001'] });
    await sandbox.list();
    await call('AddChatGroup', { Subject: 'Stays' });
    const outcomes = (await sandbox.control.calls()).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['ok', 'ok']);
  });

  it('undoes nothing of a write that changed nothing or was rejected', async () => {
    const before = await groups();
    await failLater({ count: 3, ms: 0 });
    expect(await call('DeleteChatGroup', { GroupId: 'NOSUCH' })).toMatchObject({ Result: 0 });
    expect(await call('UpdateChatGroup', { GroupId: 'NOSUCH', Subject: 'x' })).toMatchObject({ Result: 0 });
    expect(await call('AddChatGroup', { Subject: 'x'.repeat(129) })).toMatchObject({
      Code: 'InvalidParameter.SubjectInvalid',
    });
    expect(await groups()).toEqual(before);
  });

  it('is cancelled by a reset', async () => {
    const { groupId, subject } = await groupAt(0);
    await failLater({ ms: 30 });
    await call('DeleteChatGroup', { GroupId: groupId });
    await sandbox.control.reset();
    await sandbox.control.changeGroup({ op: 'delete', groupId });
    await failLater({ ms: 60 });
    await call('UpdateChatGroup', { GroupId: (await groupAt(0)).groupId, Subject: 'New' });
    // The later undo happens, the earlier one does not.
    await untilGroup(0, (group) => group.subject !== 'New');
    expect((await groups()).map((group) => group.groupId)).not.toContain(groupId);
    expect((await groupAt(0)).subject).not.toBe(subject);
  });
});
