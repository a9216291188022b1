import { describe, expect, it } from '@jest/globals';
import { readCredentials } from './credentials.js';

const KEY = `cgk_acme.${'A'.repeat(43)}`;
const OTHER = `cgk_globex.${'B'.repeat(43)}`;
const key = { kind: 'key', key: { id: 'acme', secret: 'A'.repeat(43) } };
const conflict = { kind: 'conflict', fault: 'different_credentials' };

describe('the credential headers of a request', () => {
  it.each<[what: string, authorization: string | undefined, apiKey: string | undefined, claimed: object]>([
    ['no credentials if absent', undefined, undefined, { kind: 'none' }],
    ['no credentials if empty', '', '', { kind: 'none' }],
    ['a key as bearer', `Bearer ${KEY}`, undefined, key],
    ['a key for any case of the scheme', `bEARER ${KEY}`, undefined, key],
    ['a key as X-Api-Key', undefined, KEY, key],
    ['a key sent in both headers', `Bearer ${KEY}`, KEY, key],
    ['a token', 'Bearer a.b.c', undefined, { kind: 'token', token: 'a.b.c' }],
    ['a conflict of two keys', `Bearer ${KEY}`, OTHER, conflict],
    ['a conflict of a token and a key', 'Bearer a.b.c', KEY, conflict],
    ['a conflict of another scheme and a key', 'Basic YTpi', KEY, conflict],
    ['a malformed key: a token as X-Api-Key', undefined, 'a.b.c', { kind: 'malformed', as: 'key' }],
    ['a malformed key: a token in both headers', 'Bearer a.b.c', 'a.b.c', { kind: 'malformed', as: 'key' }],
    ['a malformed key: no secret', 'Bearer cgk_acme', undefined, { kind: 'malformed', as: 'key' }],
    ['malformed: another scheme', 'Basic YTpi', undefined, { kind: 'malformed', as: 'token' }],
    ['malformed: a scheme alone', 'Bearer', undefined, { kind: 'malformed', as: 'token' }],
    ['malformed: two tokens', 'Bearer a.b.c d.e.f', undefined, { kind: 'malformed', as: 'token' }],
    ['malformed: a key without a scheme', KEY, undefined, { kind: 'malformed', as: 'token' }],
  ])('are read as %s', (_what, authorization, apiKey, claimed) => {
    expect(readCredentials({ authorization, apiKey, address: '' })).toEqual(claimed);
  });

  it('are read as a conflict if one is repeated, whatever its values', () => {
    expect(readCredentials({ authorization: `Bearer ${KEY}`, areRepeated: true, address: '' })).toEqual({
      kind: 'conflict',
      fault: 'repeated_credentials',
    });
  });
});
