import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ACME, record, records, startTestSandbox, type TestSandbox } from '../support/sandbox-rpc.js';
import { typeMismatches } from '../support/cams-declared-types.js';

describe('the declared types of the vendor', () => {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await startTestSandbox({ creatingMs: 60_000 });
  });
  afterAll(() => sandbox.close());

  const SCOPE = { custSpaceId: ACME.CustSpaceId, businessNumber: ACME.BusinessNumber };
  const PAGE = { Page: '{"Index":1,"Size":100}' };
  const call = async (action: string, query: Record<string, string>) =>
    (await sandbox.call(action, { ...ACME, ...query })).body;

  it('hold in the response of every operation, whether it succeeds or is rejected', async () => {
    const [id] = await sandbox.control.createGroups(1, {
      ...SCOPE,
      subject: 'Full',
      participants: ['8613700000001', '8613700000002'],
    });
    const GroupId = String(id);
    const members = records(
      record((await call('ListChatGroupParticipants', { GroupId, ...PAGE }))['Data'])['List'],
    );
    const List = JSON.stringify(members.slice(0, 1));
    const codes: unknown[] = [];
    for (const [action, query] of [
      ['AddChatGroup', { Subject: 'Typed' }],
      [
        'UpdateChatGroup',
        {
          GroupId,
          Subject: 'Typed too',
          Description: 'With all fields',
          ProfilePictureFile: 'https://pictures.example.com/a.jpg',
        },
      ],
      ['AddChatGroupInviteLink', { GroupId }],
      ['ListChatGroup', PAGE],
      ['DeleteChatGroupParticipants', { GroupId, List }],
      ['DeleteChatGroupInviteLink', { GroupId }],
      ['DeleteChatGroup', { GroupId }],
    ] as const) {
      codes.push((await call(action, query))['Code'], (await call(action, {}))['Code']);
    }
    expect(codes.filter((code) => code === 'OK')).toHaveLength(7);
    expect(codes.filter((code) => code !== 'OK')).toHaveLength(7);
  });

  it('hold for rows of every kind, including those created by the controls', async () => {
    await sandbox.control.createGroups(1, { ...SCOPE, subject: 'Bare' });
    const [id] = await sandbox.control.createGroups(1, { ...SCOPE, subject: 'Odd' });
    await sandbox.control.changeGroup({ op: 'update', groupId: id, status: 'ARCHIVED' });
    const { groups } = await sandbox.list();
    expect(groups.length).toBeGreaterThan(50);
    expect(groups.filter((group) => typeof group['GmtModifier'] === 'number')).toHaveLength(groups.length);
  });

  it.each([
    [
      'text in place of a number',
      { GmtModifier: '2026-01-01T00:00:00Z' },
      'ListChatGroup.Data.List[0].GmtModifier',
    ],
    ['a fraction', { TotalParticipantCount: 1.5 }, 'ListChatGroup.Data.List[0].TotalParticipantCount'],
    ['null', { Description: null }, 'ListChatGroup.Data.List[0].Description'],
    ['a field that no SDK knows', { Owner: 'me' }, 'ListChatGroup.Data.List[0].Owner'],
  ])('are violated by %s', (_, row, path) => {
    const [mismatch] = typeMismatches('ListChatGroup', { Code: 'OK', Data: { Total: 1, List: [row] } });
    expect(mismatch).toContain(`${path}: `);
  });
});
