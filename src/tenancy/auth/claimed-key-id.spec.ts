import { expect, it } from '@jest/globals';
import { claimedKeyId } from './claimed-key-id.js';

const SECRET = 'A'.repeat(43);

function token(header: unknown): string {
  return `${Buffer.from(JSON.stringify(header)).toString('base64url')}.e30.c2ln`;
}

it.each<[what: string, credentials: { authorization?: string; apiKey?: string }, id: string | undefined]>([
  ['an API key', { apiKey: `cgk_acme-web_1.${SECRET}` }, 'acme-web_1'],
  ['a bearer key', { authorization: `Bearer cgk_acme.${SECRET}` }, 'acme'],
  ['a malformed key', { apiKey: 'cgk_acme.short' }, 'acme'],
  ['the key beside a token', { authorization: 'Bearer a.b.c', apiKey: `cgk_acme.${SECRET}` }, 'acme'],
  ['a token', { authorization: `Bearer ${token({ alg: 'ES256', kid: 'key-1' })}` }, 'key-1'],
  ['unusual characters', { apiKey: `cgk_a\u00e9 "b\n.${SECRET}` }, 'a___b_'],
  ['a path', { authorization: `Bearer ${token({ alg: 'none', kid: '../../dev/null' })}` }, '______dev_null'],
  ['a long id', { apiKey: `cgk_${'ab-'.repeat(200)}.x` }, 'ab-'.repeat(21) + 'a'],
  ['a phone number', { apiKey: `cgk_8613800000001.${SECRET}` }, '8613******001'],
  ['a phone number with dashes', { apiKey: `cgk_86-138-0000-0001.${SECRET}` }, '8613******001'],
  ['a phone number with underscores', { apiKey: `cgk_861_380_0000_001.${SECRET}` }, '8613******001'],
  ['a key with a dash for the dot', { apiKey: `cgk_acme-${'Ab3'.repeat(14)}c.x` }, '***'],
  ['most of a secret in place of the id', { apiKey: `cgk_${'A'.repeat(42)}.x` }, '***'],
  [
    'a token with a key as its ID',
    { authorization: `Bearer ${token({ kid: `cgk_acme.${SECRET}` })}` },
    'cgk_acme_***',
  ],
  [
    'a token with a link as its ID',
    { authorization: `Bearer ${token({ kid: 'https://chat.whatsapp.com/AbCdEf123' })}` },
    '',
  ],
  ['a secret in place of the id', { apiKey: `cgk_${SECRET}.${SECRET}` }, undefined],
  ['a key without an id', { apiKey: `cgk_${SECRET}` }, undefined],
  ['no credentials', {}, undefined],
  ['another scheme', { authorization: 'Basic Y2drX2E6' }, undefined],
  ['a token without a key id', { authorization: `Bearer ${token({ alg: 'ES256' })}` }, undefined],
  ['a numeric key id list', { authorization: `Bearer ${token({ alg: 'ES256', kid: ['a'] })}` }, undefined],
  ['a token whose header is not JSON', { authorization: 'Bearer e.e.e' }, undefined],
])('the claimed key id of %s', (_what, credentials, id) => {
  expect(claimedKeyId({ ...credentials, address: '' })).toBe(id);
});
