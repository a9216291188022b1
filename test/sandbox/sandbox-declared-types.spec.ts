import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ACME, record, records, startTestSandbox, type TestSandbox } from '../support/sandbox-rpc.js';
import { answerMismatches, typeMismatches } from '../support/cams-declared-types.js';

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

  it.each([
    ['the gateway', 'Throttling.User', 400],
    ['the gateway', 'InvalidAccessKeyId.NotFound', 404],
    ['the gateway', 'NoPermission', 403],
    ['the gateway', 'ServiceUnavailable', 503],
    ['the product', 'Authentication.NoAuth', 200],
  ])('hold in errors of %s: %s', async (_, code, status) => {
    await sandbox.control.fault({ kind: 'reject', code, count: 1 });
    // This call throws if they do not.
    expect(await sandbox.call('ListChatGroup', { ...ACME, ...PAGE })).toMatchObject({
      status,
      body: { Code: code },
    });
  });

  const ERROR = { Code: 'MissingPage', Message: '', RequestId: 'R', HostId: 'H', Recommend: 'U' };

  it.each<[string, Record<string, unknown>, string]>([
    ['no HostId', { ...ERROR, HostId: undefined }, '.HostId: expected text'],
    ['no Recommend', { Code: 'X', Message: '', RequestId: 'R', HostId: 'H' }, '.Recommend: missing'],
    ['a numeric Code', { ...ERROR, Code: 400 }, '.Code: expected text'],
    ['a field of the product', { ...ERROR, Success: false }, '.Success: no SDK declares it'],
    ['a detail in text', { ...ERROR, AccessDeniedDetail: 'None' }, '.AccessDeniedDetail: only NoPermission'],
    [
      'a denial without detail',
      { ...ERROR, Code: 'NoPermission' },
      '.AccessDeniedDetail: expected an object',
    ],
    [
      'a denial with a number',
      { ...ERROR, Code: 'NoPermission', AccessDeniedDetail: { AuthAction: 1 } },
      '.AccessDeniedDetail.AuthAction: expected text',
    ],
  ])('are violated by an error with %s', (_, body, mismatch) => {
    expect(answerMismatches('ListChatGroup', 400, body).join('\n')).toContain(`ListChatGroup${mismatch}`);
    expect(answerMismatches('ListChatGroup', 400, ERROR)).toEqual([]);
  });
});
