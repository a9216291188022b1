import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { loadSandboxSettings } from '../../src/config/config.js';
import { CREDENTIALS, type Sandbox, startSandbox } from '../../src/sandbox/sandbox.js';
import { accountWith, clientOf, scopeOf } from '../support/cams-callers.js';
import { errorOf } from '../support/cams-fixture.js';

let sandbox: Sandbox;
beforeEach(async () => {
  Logger.overrideLogger(false);
  sandbox = await startSandbox(loadSandboxSettings({ SANDBOX_PORT: '0' }));
});
afterEach(() => sandbox.close());

const KEYS = { kind: 'static', ...CREDENTIALS } as const;

describe('the client and the sandbox', () => {
  it('agree on all eight operations', async () => {
    const { client } = clientOf(sandbox.url);
    const scope = scopeOf('acme', accountWith(KEYS));
    const subject = "京都 it's 5+5 (!*)";
    await client.call(scope, 'addChatGroup', { subject, description: 'a\nb' });
    const page = { index: 1, size: 100 };
    const { result } = await client.call(scope, 'listChatGroups', { page, subject });
    expect(result.groups).toMatchObject([{ subject, description: 'a\nb', status: 'ACTIVE' }]);
    const groupId = result.groups[0]?.groupId ?? '';
    const { result: invited } = await client.call(scope, 'addInviteLink', { groupId });
    expect(invited.inviteLink).toMatch(/^https:/);
    await expect(client.call(scope, 'updateChatGroup', { groupId, subject: 'None' })).resolves.toMatchObject({
      result: { affected: 1 },
    });
    const { result: members } = await client.call(scope, 'listParticipants', { groupId, page });
    expect(members).toEqual({ ids: [], rows: 0, unusable: 0 });
    for (const name of ['deleteInviteLink', 'deleteChatGroup'] as const) {
      await expect(client.call(scope, name, { groupId })).resolves.toMatchObject({
        result: { affected: 1 },
      });
    }
    const removal = { groupId, participantIds: ['8613700000001'] };
    await expect(client.call(scope, 'deleteParticipants', removal)).resolves.toMatchObject({
      result: { affected: 0 },
    });
  });

  it('reject a wrong secret', async () => {
    const { client } = clientOf(sandbox.url);
    const scope = scopeOf('acme', accountWith({ ...KEYS, accessKeySecret: 'wrong' }));
    const error = await errorOf(client.call(scope, 'deleteChatGroup', { groupId: 'g' }));
    expect(error).toMatchObject({
      code: 'UPSTREAM_NOT_ALLOWED',
      options: { upstreamCode: 'SignatureDoesNotMatch' },
    });
  });
});
