import { describe, expect, it } from '@jest/globals';
import type { CamsOperationName, Fields } from '../../src/cams/api.js';
import { scopeOf } from '../support/cams-callers.js';
import { CamsFixture, PAGE } from '../support/cams-fixture.js';
import { json } from '../support/cams-wire-double.js';

const cams = new CamsFixture();

describe('the eight operations on the wire', () => {
  const scope = 'BusinessNumber=8613800000001&ChannelType=WHATSAPP&CustSpaceId=cams-acme';
  const group = 'GroupId=g%2B1%2F%3D';

  function sends<Name extends CamsOperationName>(
    name: Name,
    fields: Fields<Name>,
    action: string,
    ...parts: string[]
  ): [string, () => Promise<unknown>, string, string] {
    return [name, () => cams.client.call(scopeOf(), name, fields), action, parts.join('&')];
  }

  // Written by hand from the rules of RFC 3986, sorted by name. `!`, `(`, `)` and `*` need no escaping.
  it.each([
    sends(
      'listChatGroups',
      { page: { index: 2, size: 100 }, status: 'ACTIVE', subject: "京都 it's 5+5 (!*)" },
      'ListChatGroup',
      scope,
      'GroupStatus=ACTIVE',
      'Page=%7B%22Index%22%3A2%2C%22Size%22%3A100%7D',
      'Subject=%E4%BA%AC%E9%83%BD%20it%27s%205%2B5%20(!*)',
    ),
    sends(
      'addChatGroup',
      { subject: 'A & B = 100%', description: 'line 1\nline 2 😀' },
      'AddChatGroup',
      scope,
      'Description=line%201%0Aline%202%20%F0%9F%98%80',
      'Subject=A%20%26%20B%20%3D%20100%25',
    ),
    sends(
      'updateChatGroup',
      {
        groupId: 'g+1/=',
        subject: 'S',
        description: '',
        profilePictureUrl: 'https://a.example/p.jpg?x=1&y=~',
      },
      'UpdateChatGroup',
      scope,
      'Description=',
      group,
      'ProfilePictureFile=https%3A%2F%2Fa.example%2Fp.jpg%3Fx%3D1%26y%3D~',
      'Subject=S',
    ),
    sends('deleteChatGroup', { groupId: 'g+1/=' }, 'DeleteChatGroup', scope, group),
    sends('addInviteLink', { groupId: 'g+1/=' }, 'AddChatGroupInviteLink', scope, group),
    sends('deleteInviteLink', { groupId: 'g+1/=' }, 'DeleteChatGroupInviteLink', scope, group),
    sends(
      'listParticipants',
      { groupId: 'g+1/=', ...PAGE },
      'ListChatGroupParticipants',
      scope,
      group,
      'Page=%7B%22Index%22%3A1%2C%22Size%22%3A20%7D',
    ),
    sends(
      'deleteParticipants',
      { groupId: 'g+1/=', participantIds: ['+8613700000001', 'US.13491208655302741918'] },
      'DeleteChatGroupParticipants',
      scope,
      group,
      'List=%5B%7B%22ParticipantNumber%22%3A%22%2B8613700000001%22%7D%2C%7B%22ParticipantNumber%22%3A%22US.13491208655302741918%22%7D%5D',
    ),
  ])('%s sends the expected query string', async (_name, call, action, query) => {
    await call().catch(() => undefined);
    const request = cams.requests[0];
    expect(cams.requests).toHaveLength(1);
    expect(request?.query.split('&').sort().join('&')).toBe(query);
    expect(request).toMatchObject({ method: 'POST', path: '/', body: '' });
    expect(request?.headers).toMatchObject({ 'x-acs-action': action, 'x-acs-version': '2020-06-06' });
    expect(request?.headers.authorization).toMatch(/^ACS3-HMAC-SHA256 Credential=test-id,/);
  });

  it('omit parameters that are not given', async () => {
    await cams.client
      .call(scopeOf(), 'updateChatGroup', { groupId: 'g1', subject: undefined })
      .catch(() => {});
    expect(Object.keys(cams.double.parameters(0)).sort()).toEqual([
      'BusinessNumber',
      'ChannelType',
      'CustSpaceId',
      'GroupId',
    ]);
  });

  it.each<[CamsOperationName, Fields<CamsOperationName>, object, object]>([
    [
      'listChatGroups',
      PAGE,
      { Data: { Total: 1, List: [{ GroupId: 'g1' }] } },
      { total: 1, groups: [{ groupId: 'g1' }] },
    ],
    ['addChatGroup', { subject: 's' }, { UniqueCode: 'u1' }, { uniqueCode: 'u1' }],
    ['updateChatGroup', { groupId: 'g1', subject: 's' }, { Result: 1 }, { affected: 1 }],
    ['deleteChatGroup', { groupId: 'g1' }, { Result: 0 }, { affected: 0 }],
    [
      'addInviteLink',
      { groupId: 'g1' },
      { InviteLink: 'https://chat.whatsapp.com/a' },
      { inviteLink: 'https://chat.whatsapp.com/a' },
    ],
    ['deleteInviteLink', { groupId: 'g1' }, { Result: 1 }, { affected: 1 }],
    [
      'listParticipants',
      { groupId: 'g1', ...PAGE },
      { Data: { Total: 1, List: [{ ParticipantNumber: '86137' }] } },
      { ids: ['86137'], rows: 1, unusable: 0 },
    ],
    ['deleteParticipants', { groupId: 'g1', participantIds: ['86137'] }, { Result: 1 }, { affected: 1 }],
  ])('%s parses its response', async (name, fields, body, result) => {
    cams.double.answer = json({
      Code: 'OK',
      Message: 'None',
      AccessDeniedDetail: 'None',
      RequestId: 'r-1\n',
      Success: true,
      ...body,
    });
    const scope = scopeOf();
    await expect(cams.client.call(scope, name, fields)).resolves.toMatchObject({
      result,
      requestId: 'r-1',
    });
    expect(scope.request.upstreamRequestId).toBe('r-1');
    expect(cams.logged).toEqual([]);
  });
});
