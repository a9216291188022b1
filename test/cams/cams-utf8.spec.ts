import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { CamsFixture, errorOf } from '../support/cams-fixture.js';
import type { WireAnswer } from '../support/cams-wire-double.js';

const cams = new CamsFixture();

/** 客户群 in GBK, which Chinese middleboxes send in error pages and old systems in texts. */
const GBK = Buffer.from('bfcdbba7c8ba', 'hex');
const UTF8 = Buffer.from('客户群 😀 \ufffd');

/** Returns the body of a success of both operations, with this text. */
function success(text: Buffer): Buffer {
  const [before = '', after = ''] = JSON.stringify({
    Code: 'OK',
    Result: 1,
    Data: { Total: 1, List: [{ GroupId: 'g1', Subject: '?' }] },
  }).split('?');
  return Buffer.concat([Buffer.from(before), text, Buffer.from(after)]);
}

function refusal(text: Buffer): Buffer {
  return Buffer.concat([Buffer.from('{"Code":"Throttling.User","Message":"'), text, Buffer.from('"}')]);
}

/** Sends each part as a chunk of its own, and so to the client. */
function chunks(parts: readonly Buffer[], status = 200, headers: Record<string, string> = {}): WireAnswer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    for (const part of parts) response.write(part);
    response.end();
  };
}

const bytesOf = (body: Buffer): Buffer[] => [...body].map((byte) => Buffer.from([byte]));

describe('a response that is not UTF-8', () => {
  it.each<[string, WireAnswer]>([
    ['a success', chunks([success(GBK)])],
    ['a success in small chunks', chunks(bytesOf(success(GBK)))],
    ['a refusal with HTTP 200', chunks([refusal(GBK)])],
    ['a refusal with HTTP 400', chunks([refusal(GBK)], 400)],
    ['a refusal with HTTP 503', chunks([refusal(GBK)], 503)],
    [
      'a refusal in XML',
      chunks([Buffer.from('<Error><Code>Throttling.User</Code><Message>'), GBK], 400, {
        'content-type': 'text/xml',
      }),
    ],
    ['text that is not JSON', chunks([GBK])],
    ['a character that is cut off at the end', chunks([success(UTF8), Buffer.from([0xe5, 0xae])])],
    ['an overlong spelling', chunks([success(Buffer.from([0xc0, 0xaf]))])],
    ['a surrogate', chunks([success(Buffer.from([0xed, 0xa0, 0x80]))])],
    ['a success in gzip', chunks([gzipSync(success(GBK))], 200, { 'content-encoding': 'gzip' })],
    [
      'a success in gzip, in small chunks',
      chunks(bytesOf(gzipSync(success(GBK))), 200, { 'content-encoding': 'gzip' }),
    ],
    ['a success in deflate', chunks([deflateSync(success(GBK))], 200, { 'content-encoding': 'deflate' })],
    ['a refusal in gzip', chunks([gzipSync(refusal(GBK))], 400, { 'content-encoding': 'gzip' })],
  ])('fails a read as unavailable and a write as outcome unknown: %s', async (title, answer) => {
    cams.double.answer = answer;
    expect((await errorOf(cams.read())).code).toBe('UPSTREAM_UNAVAILABLE');
    expect((await errorOf(cams.write())).code).toBe('OUTCOME_UNKNOWN');
    // The read is repeated after a status of 5xx.
    const calls = title.includes('503') ? 3 : 2;
    expect(cams.requests).toHaveLength(calls);
    expect(JSON.stringify(cams.logged).match(/not UTF-8/g)).toHaveLength(calls);
  });
});

describe('a response in UTF-8', () => {
  it.each<[string, WireAnswer]>([
    ['in one chunk', chunks([success(UTF8)])],
    ['whose characters are split between chunks', chunks(bytesOf(success(UTF8)))],
  ])('keeps every character, even U+FFFD: %s', async (_title, answer) => {
    cams.double.answer = answer;
    await expect(cams.read()).resolves.toMatchObject({
      result: { groups: [{ subject: '客户群 😀 \ufffd' }] },
    });
    await expect(cams.write()).resolves.toMatchObject({ result: { affected: 1 } });
  });

  it('can be a refusal', async () => {
    cams.double.answer = chunks(bytesOf(refusal(UTF8)), 400);
    expect((await errorOf(cams.write())).code).toBe('UPSTREAM_THROTTLED');
  });
});
