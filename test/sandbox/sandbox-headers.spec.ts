import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ACME, startTestSandbox, type TestSandbox } from '../support/sandbox-rpc.js';
import type { RawAnswer } from '../support/sandbox-raw.js';

describe('the response headers of the sandbox', () => {
  let sandbox: TestSandbox;
  let GroupId: string;
  beforeAll(async () => {
    sandbox = await startTestSandbox();
    GroupId = String((await sandbox.list()).groups[0]?.['GroupId']);
  });
  afterAll(async () => sandbox.close());
  beforeEach(async () => sandbox.control.reset());

  const link = async (): Promise<RawAnswer> =>
    sandbox.callRaw({
      protocol: 'ACS3',
      method: 'POST',
      action: 'AddChatGroupInviteLink',
      parameters: { ...ACME, GroupId },
    });

  it.each([
    ['a success, whose request id ends in a newline', undefined],
    ['a rejection by the product', { kind: 'reject' }],
    ['a rejection by the gateway', { kind: 'reject', code: 'NoPermission' }],
    ['a failure', { kind: 'http500' }],
    ['a throttled call', { kind: 'throttle' }],
    ['a given body', { kind: 'raw', body: '{"Code":"OK","RequestId":" own \\n群"}' }],
  ])('identify %s', async (_, fault) => {
    if (fault) await sandbox.control.fault(fault);
    const { headers, text } = await link();
    const { RequestId } = JSON.parse(text) as { RequestId: string };
    expect(headers['x-acs-request-id']).toBe(RequestId.replace('群', '').trim());
    expect(headers['x-acs-trace-id']).toMatch(/^[0-9a-f]{32}$/);
    expect(headers['keep-alive']).toBe('timeout=25');
    expect(headers['content-length']).toBe(String(Buffer.byteLength(text)));
    expect(headers['transfer-encoding']).toBeUndefined();
  });

  it('have a trace id of their own for each call', async () => {
    const ids = [(await link()).headers['x-acs-trace-id'], (await link()).headers['x-acs-trace-id']];
    expect(new Set(ids).size).toBe(2);
  });

  it.each([0, 600_000, -600_000])('date the response by a clock that is off by %i ms', async (ms) => {
    await sandbox.control.behave({ clockOffsetMs: ms });
    expect((await link()).headers['date']).toBe(new Date(sandbox.time.now + ms).toUTCString());
  });

  it.each(['malformed', 'empty-body', 'html502'])('give the length of the body: %s', async (kind) => {
    await sandbox.control.fault({ kind });
    const { headers, text } = await link();
    expect(headers['content-length']).toBe(String(Buffer.byteLength(text)));
    expect(headers['x-acs-request-id'] === undefined).toBe(kind === 'html502');
  });
});
