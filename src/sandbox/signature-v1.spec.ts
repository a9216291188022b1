import { describe, expect, it } from '@jest/globals';
import { decodeQuery } from './percent-encoding.js';
import { signV1, stringToSignV1 } from './signature-v1.js';

/** The vendor's published example, from the API reference of ECS: key `testid`, secret `testsecret`. */
const QUERY =
  'SignatureVersion=1.0&Action=DescribeRegions&Format=XML&SignatureNonce=3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf&Version=2014-05-26&AccessKeyId=testid&Signature=ignored&SignatureMethod=HMAC-SHA1&Timestamp=2016-02-23T12%3A46%3A24Z';

describe('the V1 signature', () => {
  it("signs the vendor's example as published", () => {
    const toSign = stringToSignV1('GET', decodeQuery(QUERY));
    expect(toSign).toBe(
      'GET&%2F&AccessKeyId%3Dtestid%26Action%3DDescribeRegions%26Format%3DXML%26SignatureMethod%3DHMAC-SHA1%26SignatureNonce%3D3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf%26SignatureVersion%3D1.0%26Timestamp%3D2016-02-23T12%253A46%253A24Z%26Version%3D2014-05-26',
    );
    expect(signV1(toSign, 'testsecret')).toBe('OLeaidS1JvxuMvnyHOwuJ+uX5qY=');
  });

  it('depends on the method, and not on how the query is ordered or encoded', () => {
    const sign = (method: string, query: string): string => stringToSignV1(method, decodeQuery(query));
    expect(sign('GET', 'b=1&a=%e7%be%a4+x')).toBe(sign('GET', 'a=%E7%BE%A4%20x&b=1'));
    expect(sign('GET', 'a=1')).not.toBe(sign('POST', 'a=1'));
    expect(sign('GET', "a=!'()*~")).toBe('GET&%2F&a%3D%2521%2527%2528%2529%252A~');
  });
});
