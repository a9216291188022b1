import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { RawAnswer, RawCall } from '../support/sandbox-raw.js';
import { ACME, startTestSandbox, type TestSandbox } from '../support/sandbox-rpc.js';

const PARAMETERS = { ...ACME, Page: '{"Index":1,"Size":20}', Subject: "群 (!'*) & café+" };
const METHODS = ['GET', 'POST'] as const;

describe('signature V1 over the wire', () => {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await startTestSandbox();
  });
  afterAll(async () => sandbox.close());
  beforeEach(async () => sandbox.control.reset());

  const list = async (call: Partial<RawCall> = {}): Promise<RawAnswer> =>
    sandbox.callRaw({
      protocol: 'V1',
      method: 'POST',
      action: 'ListChatGroup',
      parameters: PARAMETERS,
      ...call,
    });
  const outcome = async (call: Partial<RawCall>): Promise<unknown> => {
    const { status, text } = await list(call);
    return [status, (JSON.parse(text) as { Code: string }).Code];
  };

  it.each(METHODS)('is accepted with %s, and logged without its own parameters', async (method) => {
    expect(await outcome({ method })).toEqual([200, 'OK']);
    expect(await sandbox.control.calls()).toMatchObject([
      {
        action: 'ListChatGroup',
        parameters: { ...PARAMETERS, Page: { Index: 1, Size: 20 } },
        outcome: 'ok',
      },
    ]);
    const [call] = await sandbox.control.calls();
    expect(Object.keys(call?.parameters ?? {}).toSorted()).toEqual(Object.keys(PARAMETERS).toSorted());
  });

  it.each(['query', 'both'] as const)('is accepted with POST and parameters in %s', async (place) => {
    expect(await outcome({ place })).toEqual([200, 'OK']);
    expect(await outcome({ place, changesAfter: { Subject: 'x' } })).toEqual([400, 'SignatureDoesNotMatch']);
    const [call] = await sandbox.control.calls();
    expect(call?.parameters).toEqual({ ...PARAMETERS, Page: { Index: 1, Size: 20 } });
    expect(call?.query.includes('Subject')).toBe(place === 'query');
  });

  describe.each(METHODS)('with %s', (method) => {
    it.each([
      ['AccessKeyId', 'MissingAccessKeyId'],
      ['SignatureMethod', 'MissingSignatureMethod'],
      ['SignatureVersion', 'MissingSignatureVersion'],
      ['SignatureNonce', 'MissingSignatureNonce'],
      ['Timestamp', 'MissingTimestamp'],
      ['Action', 'MissingAction'],
      ['Version', 'MissingVersion'],
    ])('is refused without %s', async (name, code) => {
      expect(await outcome({ method, changes: { [name]: undefined } })).toEqual([400, code]);
      expect(await outcome({ method, changes: { [name]: '' } })).toEqual([400, code]);
    });

    it.each<[string, Partial<RawCall>, number, string]>([
      ['no signature', { changesAfter: { Signature: undefined } }, 400, 'MissingSignature'],
      ['half a signature', { changesAfter: { Signature: 'c2lnbg==' } }, 400, 'IncompleteSignature'],
      [
        'a signature that is not ASCII',
        { changesAfter: { Signature: `${'群'.repeat(27)}=` } },
        400,
        'IncompleteSignature',
      ],
      ['another method', { changes: { SignatureMethod: 'HMAC-SHA256' } }, 400, 'InvalidSignatureMethod'],
      ['another version', { changes: { SignatureVersion: '2.0' } }, 400, 'InvalidSignatureVersion'],
      ['another secret', { secret: 'wrong' }, 400, 'SignatureDoesNotMatch'],
      ['an unknown key', { changes: { AccessKeyId: 'nobody' } }, 404, 'InvalidAccessKeyId.NotFound'],
      ['a date in words', { changes: { Timestamp: 'yesterday' } }, 400, 'InvalidTimeStamp.Format'],
      [
        'a date with an offset',
        { changes: { Timestamp: '2026-01-01T00:00:00+08:00' } },
        400,
        'InvalidTimeStamp.Format',
      ],
      [
        'an impossible date',
        { changes: { Timestamp: '2026-13-01T00:00:00Z' } },
        400,
        'InvalidTimeStamp.Format',
      ],
      ['an old date', { changes: { Timestamp: '2016-02-23T12:46:24Z' } }, 400, 'InvalidTimeStamp.Expired'],
      ['a future date', { changes: { Timestamp: '2096-02-23T12:46:24Z' } }, 400, 'InvalidTimeStamp.Expired'],
      ['another API version', { changes: { Version: '2019-01-01' } }, 404, 'InvalidApi.NotFound'],
      ['an unknown action', { changes: { Action: 'GetChatGroup' } }, 404, 'InvalidApi.NotFound'],
      ['a changed parameter', { changesAfter: { Subject: 'x' } }, 400, 'SignatureDoesNotMatch'],
      ['an added parameter', { changesAfter: { Extra: '' } }, 400, 'SignatureDoesNotMatch'],
      ['a removed parameter', { changesAfter: { Subject: undefined } }, 400, 'SignatureDoesNotMatch'],
      ['an action changed later', { changesAfter: { Action: 'AddChatGroup' } }, 400, 'SignatureDoesNotMatch'],
    ])('is refused with %s', async (_, call, status, code) => {
      expect(await outcome({ method, ...call })).toEqual([status, code]);
      expect(await sandbox.control.calls()).toMatchObject([{ outcome: 'rejected', code, applied: false }]);
    });
  });

  it('is refused with parameters that are not UTF-8', async () => {
    const response = await fetch(`${sandbox.url}/?Format=JSON&AccessKeyId=sandbox&Subject=%FF`);
    expect(await response.text()).toContain('<Code>SignatureDoesNotMatch</Code>');
  });

  it('is refused for a header x-acs-action that the signature does not cover', async () => {
    const response = await fetch(`${sandbox.url}/?Format=JSON&AccessKeyId=sandbox`, {
      headers: { 'x-acs-action': 'ListChatGroup' },
    });
    expect(await response.json()).toMatchObject({ Code: 'MissingSignatureMethod' });
    expect(await sandbox.control.calls()).toMatchObject([{ action: '' }]);
  });

  it('covers the method', async () => {
    const sentAs = 'POST';
    expect(await outcome({ method: 'GET', sentAs })).toEqual([400, 'SignatureDoesNotMatch']);
  });

  it('shares its nonces with ACS3', async () => {
    const v1 = { changes: { SignatureNonce: 'shared' } };
    const acs3 = { protocol: 'ACS3', changes: { 'x-acs-signature-nonce': 'shared' } } as const;
    expect(await outcome(v1)).toEqual([200, 'OK']);
    expect(await outcome(v1)).toEqual([400, 'SignatureNonceUsed']);
    expect(await outcome({ ...v1, method: 'GET' })).toEqual([400, 'SignatureNonceUsed']);
    expect(await outcome(acs3)).toEqual([400, 'SignatureNonceUsed']);
  });

  it('responds in XML unless JSON is asked for, as the real gateway does', async () => {
    const xml = { changes: { Format: undefined } };
    const ok = await list(xml);
    expect(ok.headers).toMatchObject({
      'content-type': 'text/xml;charset=utf-8',
      'content-length': String(Buffer.byteLength(ok.text)),
    });
    expect(ok.text).toMatch(
      /^<\?xml .*<ListChatGroupResponse>.*<Total>0<\/Total>.*<\/ListChatGroupResponse>$/,
    );
    expect(ok.text).toContain(`<RequestId>${String(ok.headers['x-acs-request-id'])}</RequestId>`);
    const wrong = await list({ ...xml, secret: 'wrong' });
    expect(wrong.status).toBe(400);
    expect(wrong.text).toMatch(/<Error>.*<Code>SignatureDoesNotMatch<\/Code>.*<\/Error>$/);
    expect((await list({ changes: { Format: 'json' } })).text).toContain('"Code":"OK"');
  });

  it('leaves the body of the fault raw as it is', async () => {
    await sandbox.control.fault({ kind: 'raw', body: '{"Code":"OK"}' });
    expect((await list({ changes: { Format: 'XML' } })).text).toBe('{"Code":"OK"}');
  });

  it('leaves ACS3 as it is: over GET and POST, with the method signed', async () => {
    const acs3 = { protocol: 'ACS3', method: 'GET' } as const;
    expect(await outcome(acs3)).toEqual([200, 'OK']);
    expect(await outcome({ ...acs3, sentAs: 'POST' })).toEqual([400, 'SignatureDoesNotMatch']);
  });
});
