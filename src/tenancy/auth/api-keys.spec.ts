import { describe, expect, it } from '@jest/globals';
import { digestSecret, generateApiKey, matchesDigest, parseApiKey } from './api-keys.js';

const SECRET = 'A'.repeat(43);

describe('an API key', () => {
  it('consists of an id and 43 characters of base64url', () => {
    expect(parseApiKey(`cgk_acme-web_1.${SECRET}`)).toEqual({ id: 'acme-web_1', secret: SECRET });
  });

  it.each([
    ['a different prefix', `CGK_acme.${SECRET}`],
    ['no id', `cgk_.${SECRET}`],
    ['an id that is too long', `cgk_${'a'.repeat(65)}.${SECRET}`],
    ['an id with a dot', `cgk_a.b.${SECRET}`],
    ['a secret that is too short', `cgk_acme.${SECRET.slice(1)}`],
    ['a secret that is too long', `cgk_acme.${SECRET}A`],
    ['padding', `cgk_acme.${SECRET}=`],
    ['standard base64', `cgk_acme.${SECRET.slice(1)}+`],
    ['a trailing newline', `cgk_acme.${SECRET}\n`],
    ['two keys in a list', `cgk_acme.${SECRET}, cgk_acme.${SECRET}`],
  ])('is not valid with %s', (_what, text) => {
    expect(parseApiKey(text)).toBeNull();
  });

  it('has the digest in the sandbox tenants file', () => {
    // Computed with: printf %s "$(printf 'A%.0s' $(seq 43))" | openssl dgst -sha256 -hmac sandbox-pepper
    expect(digestSecret(SECRET, 'sandbox-pepper').toString('hex')).toBe(
      'f26ec9a131fe85aee1483f0c18462f6f9522967c7891abadb47135f57e0615d0',
    );
  });

  it('matches only its own digest under the same pepper', () => {
    const digest = digestSecret(SECRET, 'pepper');
    expect(matchesDigest(SECRET, digest, 'pepper')).toBe(true);
    expect(matchesDigest(SECRET, digest, 'other')).toBe(false);
    expect(matchesDigest('B'.repeat(43), digest, 'pepper')).toBe(false);
    expect(matchesDigest(SECRET, undefined, 'pepper')).toBe(false);
  });

  it('is different each time it is generated and parses back to its parts', () => {
    const made = generateApiKey('web');
    expect(parseApiKey(made.text)).toEqual({ id: 'web', secret: made.secret });
    expect(generateApiKey('web').secret).not.toBe(made.secret);
  });
});
