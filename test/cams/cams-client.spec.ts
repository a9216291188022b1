import { describe, expect, it } from '@jest/globals';
import { NUMBER, scopeOf } from '../support/cams-callers.js';
import { CamsFixture, EMPTY_LIST, errorOf, until } from '../support/cams-fixture.js';
import { type WireAnswer, hang, json, raw, reset } from '../support/cams-wire-double.js';

const cams = new CamsFixture();

describe('the result of a call', () => {
  it('is a success for Code: OK with Success: false, which is logged once and counted', async () => {
    cams.double.answer = json({ Code: 'OK', Success: false, Result: 1 });
    await expect(cams.write()).resolves.toMatchObject({ result: { affected: 1 } });
    expect(await cams.metric('gateway_cams_contradictions_total', { action: 'DeleteChatGroup' })).toBe(1);
    expect(JSON.stringify(cams.logged)).toContain('contradict');
    await cams.write();
    expect(await cams.metric('gateway_cams_contradictions_total', { action: 'DeleteChatGroup' })).toBe(2);
    expect(cams.logged).toHaveLength(1);
  });

  it('is a failure for an error Code with HTTP 200 and Success: true', async () => {
    cams.double.answer = json({
      Code: 'InvalidParameter.PageInvalid',
      Message: 'bad page',
      Success: true,
      RequestId: 'r-2\n',
    });
    const scope = scopeOf();
    expect(await errorOf(cams.read(scope))).toMatchObject({
      code: 'UPSTREAM_REJECTED',
      detail: 'CAMS refused the request: bad page',
      options: { upstreamCode: 'InvalidParameter.PageInvalid', upstreamRequestId: 'r-2' },
    });
    expect(scope.request.upstreamRequestId).toBe('r-2');
    expect(await cams.metric('gateway_cams_contradictions_total', { action: 'ListChatGroup' })).toBe(1);
  });

  it.each([400, 429])('follows the Code of an HTTP error: throttling with status %i', async (status) => {
    cams.double.answer = json({ Code: 'Throttling.User', Message: 'slow down', RequestId: 'r-3' }, status);
    expect(await errorOf(cams.write())).toMatchObject({
      code: 'UPSTREAM_THROTTLED',
      options: { upstreamRequestId: 'r-3', retryAfterSeconds: 2 },
    });
  });

  it.each<[Record<string, string>, number]>([
    [{ 'x-acs-retry-after': '4200' }, 5],
    [{ 'retry-after': '7' }, 7],
  ])('passes on how long CAMS asks to wait: %j', async (headers, seconds) => {
    for (const status of [200, 400, 429]) {
      cams.double.answer = json({ Code: 'Throttling.User', Message: 'slow down' }, status, headers);
      expect((await errorOf(cams.write())).options.retryAfterSeconds).toBe(seconds);
    }
  });

  it.each([
    'text/xml;charset=utf-8',
    'text/xml; charset=UTF-8',
    'TEXT/XML',
    'application/xml',
    'application/problem+xml;charset=utf-8',
  ])('is read from an error in XML, with the media type %s', async (type) => {
    const body = `<?xml version="1.0"?><Error><Code>Throttling.User</Code><RequestId>r-4</RequestId></Error>`;
    cams.double.answer = raw(body, 400, { 'content-type': type });
    expect(await errorOf(cams.write())).toMatchObject({
      code: 'UPSTREAM_THROTTLED',
      options: { upstreamCode: 'Throttling.User' },
    });
  });

  it('logs an AccessDeniedDetail for the operator, without full numbers', async () => {
    const detail = 'AuthAction cams:DeleteChatGroup is denied to 1234567890123456';
    cams.double.answer = json({ Code: 'NoPermission', AccessDeniedDetail: detail }, 403);
    const error = await errorOf(cams.write());
    expect(error.detail).not.toContain('AuthAction');
    expect(JSON.stringify(cams.logged)).toContain('AuthAction cams:DeleteChatGroup is denied to');
    expect(JSON.stringify(cams.logged)).not.toContain('1234567890123456');
  });

  it('does not expose an AccessDeniedDetail that is an object', async () => {
    const detail = { AuthPrincipalOwnerId: '1234567890123456' };
    cams.double.answer = json(
      { Code: 'NoPermission', Message: 'acs:ram::1234567890123456', AccessDeniedDetail: detail },
      403,
    );
    const error = await errorOf(cams.write());
    expect(error.code).toBe('UPSTREAM_NOT_ALLOWED');
    expect(JSON.stringify([error, error.detail, cams.logged])).not.toContain('1234567890123456');
  });
});

describe('invalid responses', () => {
  it.each<[string, WireAnswer]>([
    ['HTML with 200', raw('<html>busy</html>', 200, { 'content-type': 'text/html' })],
    ['HTML with 502', raw('<html>bad gateway</html>', 502, { 'content-type': 'text/html' })],
    ['an empty 200', raw('')],
    ['an empty 500', raw('', 500)],
    ['null', raw('null')],
    ['an array', raw('[]')],
    ['a string', raw('"OK"')],
    ['null with 500', raw('null', 500)],
    ['truncated JSON', raw('{"Code":"OK","Result":1')],
    ['no Code', json({ Success: true, Result: 1 })],
    ['a Code that is not a string', json({ Code: 200, Result: 1 })],
    ['OK with HTTP 500', json({ Code: 'OK', Result: 1 }, 500)],
    [
      'a redirect',
      json({ Code: 'OK', Result: 1, Data: { Total: 0, List: [] } }, 302, { location: '/elsewhere' }),
    ],
    ['a redirect without body', raw('', 301, { location: '/elsewhere' })],
    ['HTTP 202', json({ Code: 'OK', Result: 1, Data: { Total: 0, List: [] } }, 202)],
    ['a body of the wrong shape', json({ Code: 'OK', Result: 'one', Data: { Total: 'one' } })],
    ['a compressed body that was not requested', raw('\u001f\u008b', 200, { 'content-encoding': 'gzip' })],
  ])(
    '%s: fails a read as unavailable and a write as outcome unknown; only a read is repeated, after a status of 5xx',
    async (title, answer) => {
      cams.double.answer = answer;
      expect((await errorOf(cams.read())).code).toBe('UPSTREAM_UNAVAILABLE');
      expect(cams.requests).toHaveLength(/\b50[02]\b/.test(title) ? 2 : 1);
      const reads = cams.requests.length;
      expect((await errorOf(cams.write())).code).toBe('OUTCOME_UNKNOWN');
      expect(cams.requests).toHaveLength(reads + 1);
    },
  );

  it('are aborted if they never end', async () => {
    let sentBytes = 0;
    cams.double.answer = (response, { socket }) => {
      const chunk = Buffer.alloc(1_024 * 1_024, ' ');
      const more = (): void => {
        if (socket.destroyed) return;
        sentBytes += chunk.length;
        response.write(chunk, more);
      };
      response.writeHead(200);
      more();
    };
    expect((await errorOf(cams.write())).code).toBe('OUTCOME_UNKNOWN');
    expect(JSON.stringify(cams.logged)).toContain('response too large');
    await until(() => cams.requests[0]?.socket.destroyed === true);
    expect(sentBytes).toBeLessThan(64 * 1_024 * 1_024);
  });

  it('fail with the name of the setting if they contain fewer rows than the page', async () => {
    cams.double.answer = json({ Code: 'OK', RequestId: 'r-4', Data: { Total: 3, List: [{ GroupId: 'a' }] } });
    expect(await errorOf(cams.read())).toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      detail: expect.stringContaining('CAMS_PAGE_SIZE'),
      options: { upstreamRequestId: 'r-4' },
    });
    expect(await cams.metric('gateway_cams_short_pages_total')).toBe(1);
    expect(JSON.stringify(cams.logged)).toContain('short-page');
  });
});

describe('metrics', () => {
  it('count each call by action and outcome', async () => {
    cams.double.answer = EMPTY_LIST;
    await cams.read();
    cams.double.answer = raw('');
    await errorOf(cams.write());
    const calls = 'gateway_cams_call_duration_seconds';
    expect(await cams.metric(calls, { action: 'ListChatGroup', outcome: 'ok' })).toBe(1);
    expect(await cams.metric(calls, { action: 'DeleteChatGroup', outcome: 'OUTCOME_UNKNOWN' })).toBe(1);
  });
});

describe('secrets and phone numbers', () => {
  it.each<[string, WireAnswer]>([
    ['a reset', reset],
    ['a timeout', hang],
    ['HTML', raw(`<html>${NUMBER}</html>`)],
    [
      'a message with a number',
      json({ Code: 'SomeCode', Message: `no ${NUMBER} at https://x.y/?n=${NUMBER}` }),
    ],
    ['a code with a number', json({ Code: `No.${NUMBER}`, Message: 'no' }, 400)],
  ])('do not appear in errors or logs after %s', async (_title, answer) => {
    cams.double.answer = answer;
    cams.connect({ CAMS_TIMEOUT_MS: '600' });
    const errors = [await errorOf(cams.read()), await errorOf(cams.write())];
    const shown = JSON.stringify([
      errors,
      errors.map((error) => [error.message, error.detail, error.stack, error.cause]),
      cams.logged,
      cams.client,
    ]);
    for (const canary of [NUMBER, 'test-secret', 'CustSpaceId', cams.double.host])
      expect(shown).not.toContain(canary);
  });
});
