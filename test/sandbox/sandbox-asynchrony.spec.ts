import { afterEach, describe, expect, it } from '@jest/globals';
import { ACME, record, startTestSandbox, type TestSandbox } from '../support/sandbox-rpc.js';
import type { SandboxSettings } from '../../src/sandbox/settings.js';

const SCOPE = { custSpaceId: ACME.CustSpaceId, businessNumber: ACME.BusinessNumber };

describe('the asynchrony of the sandbox', () => {
  let sandbox: TestSandbox;
  afterEach(async () => sandbox.close());

  const start = async (settings: Partial<SandboxSettings>): Promise<void> => {
    sandbox = await startTestSandbox(settings);
  };
  const add = async (Subject: string): Promise<void> => {
    await sandbox.call('AddChatGroup', { ...ACME, Subject });
  };
  const statusOf = async (Subject: string): Promise<unknown> =>
    (await sandbox.list({ Subject })).groups[0]?.['GroupStatus'];

  it('does not list a new group at first, then as CREATING, then as ACTIVE', async () => {
    await start({ unlistedMs: 1_000, creatingMs: 2_000 });
    await add('slow');
    expect(await statusOf('slow')).toBeUndefined();
    expect((await sandbox.list()).total).toBe(51);
    sandbox.time.now += 1_000;
    expect(await statusOf('slow')).toBe('CREATING');
    expect((await sandbox.list({ GroupStatus: 'ACTIVE', Subject: 'slow' })).total).toBe(0);
    sandbox.time.now += 2_000;
    expect(await statusOf('slow')).toBe('ACTIVE');
  });

  it('executes an operation on a group that is not listed yet', async () => {
    await start({ unlistedMs: 1_000 });
    await add('slow');
    const groupId = (await sandbox.control.groups(SCOPE)).at(-1)?.groupId ?? '';
    const { body } = await sandbox.call('UpdateChatGroup', { ...ACME, GroupId: groupId, Subject: 'renamed' });
    expect(body['Result']).toBe(1);
    sandbox.time.now += 1_000;
    expect(await statusOf('renamed')).toBe('ACTIVE');
  });

  it('lists groups and participants with the configured lag', async () => {
    await start({ listLagMs: 500 });
    const group = (await sandbox.list()).groups[5];
    const GroupId = String(group?.['GroupId']);
    const total = async (): Promise<unknown> =>
      (await sandbox.call('ListChatGroupParticipants', { ...ACME, GroupId })).body['Data'];
    const before = await total();
    const List = JSON.stringify(record(before)['List']);
    await sandbox.call('DeleteChatGroupParticipants', { ...ACME, GroupId, List });
    await sandbox.call('UpdateChatGroup', { ...ACME, GroupId, Subject: 'renamed' });
    await add('fresh');
    expect(await total()).toEqual(before);
    expect((await sandbox.list()).groups[5]).toEqual(group);
    expect((await sandbox.list()).total).toBe(51);
    sandbox.time.now += 500;
    expect(await total()).toEqual({ Total: 0, List: [] });
    expect((await sandbox.list()).groups[5]).toMatchObject({ Subject: 'renamed', TotalParticipantCount: 0 });
    expect((await sandbox.list()).total).toBe(52);
  });

  it('still lists a deleted group until the lag is over, but executes nothing on it', async () => {
    await start({ listLagMs: 500 });
    const GroupId = String((await sandbox.list()).groups[0]?.['GroupId']);
    await sandbox.call('DeleteChatGroup', { ...ACME, GroupId });
    expect((await sandbox.list()).total).toBe(51);
    expect((await sandbox.call('UpdateChatGroup', { ...ACME, GroupId, Subject: 'x' })).body['Result']).toBe(
      0,
    );
    sandbox.time.now += 500;
    expect((await sandbox.list()).total).toBe(50);
  });

  it('throttles calls above its rate until the next second, alternating 400 and 429', async () => {
    await start({ qps: 2 });
    sandbox.time.now = Math.ceil(sandbox.time.now / 1_000) * 1_000;
    const ask = async (): Promise<unknown> => {
      const { status, body } = await sandbox.call('ListChatGroup', { ...ACME, Page: '{"Index":1,"Size":1}' });
      return [status, body['Code']];
    };
    const answers = [];
    for (let call = 0; call < 4; call += 1) answers.push(await ask());
    expect(answers).toEqual([
      [200, 'OK'],
      [200, 'OK'],
      [400, 'Throttling.User'],
      [429, 'Throttling.User'],
    ]);
    sandbox.time.now += 1_000;
    expect(await ask()).toEqual([200, 'OK']);
  });

  it('changes its settings at runtime, and restores the initial ones on reset', async () => {
    await start({ unlistedMs: 1_000 });
    await sandbox.control.behave({ unlistedMs: 0, creatingMs: 1_000, qps: 1_000_000 });
    await add('now');
    expect(await statusOf('now')).toBe('CREATING');
    await sandbox.control.reset();
    await add('later');
    expect(await statusOf('later')).toBeUndefined();
  });
});
