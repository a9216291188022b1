import { describe, expect, it } from '@jest/globals';
import { canonicalRequest, sha256, sign, type SignedRequest } from './signature.js';

/** The vendor's published example, from "V3 request structure and signature". */
const VECTOR: SignedRequest = {
  method: 'POST',
  path: '/',
  query: 'ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai',
  headers: new Map([
    ['host', 'ecs.cn-shanghai.aliyuncs.com'],
    ['x-acs-action', 'RunInstances'],
    ['x-acs-content-sha256', sha256('')],
    ['x-acs-date', '2023-10-26T10:22:32Z'],
    ['x-acs-signature-nonce', '3156853299f313e23d1673dc12e1703d'],
    ['x-acs-version', '2014-05-26'],
  ]),
  signedHeaders: [
    'host',
    'x-acs-action',
    'x-acs-content-sha256',
    'x-acs-date',
    'x-acs-signature-nonce',
    'x-acs-version',
  ],
  bodyHash: sha256(''),
};

describe('the ACS3 signature', () => {
  it("hashes the vendor's example to the published hash", () => {
    expect(sha256(canonicalRequest(VECTOR))).toBe(
      '7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259',
    );
  });

  it("signs the vendor's example as published", () => {
    expect(sign(canonicalRequest(VECTOR), 'YourAccessKeySecret')).toBe(
      '06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0',
    );
  });

  it.each([
    ['sorts by name', 'b=1&a=2', 'a=2&b=1'],
    ['escapes characters that RFC 3986 reserves', "a=!'()*&b=%7E", 'a=%21%27%28%29%2A&b=~'],
    ['reads a plus as a space', 'a=x+y', 'a=x%20y'],
    ['keeps non-ASCII values', 'a=%E7%BE%A4%F0%9F%98%80', 'a=%E7%BE%A4%F0%9F%98%80'],
    ['gives a name without a value an empty value', 'a', 'a='],
    ['keeps an empty pair, because it changes the signed text', 'a=1&&b=2', '=&a=1&b=2'],
  ])('%s', (_, query, canonical) => {
    expect(canonicalRequest({ ...VECTOR, query }).split('\n')[2]).toBe(canonical);
  });

  it.each(['a=%', 'a=%GG', 'a=%FF', 'a=%2a', 'a=%c3%A9'])('rejects the query %s', (query) => {
    expect(() => canonicalRequest({ ...VECTOR, query })).toThrow(URIError);
  });
});
