import { KeyObject, sign as signBytes } from 'node:crypto';
import { CompactEncrypt, importJWK } from 'jose';
import type { Forgery } from './tenancy-forgeries.js';
import { claims, sign, type SigningKey } from './tenancy-issuer.js';

const ALGORITHMS = ['RS256', 'RS512', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519', 'ES256K'];
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Returns tokens in forms that parsers read differently; some carry a genuine signature. */
export async function forgedForms(key: SigningKey): Promise<Forgery[]> {
  return [
    ...signedTexts(key),
    ...(await otherEncodings(key)),
    ...(await otherAlgorithms(key)),
    ...(await nested(key)),
  ];
}

/** Signs a header and claims byte by byte, as they are. */
function signTexts(key: SigningKey, header: string, payload: string | Buffer): string {
  const input = `${Buffer.from(header).toString('base64url')}.${Buffer.from(payload).toString('base64url')}`;
  const privateKey = KeyObject.from(key.privateKey);
  const hash = key.alg === 'EdDSA' ? null : 'sha256';
  const signature = signBytes(hash, Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

function signedTexts(key: SigningKey): Forgery[] {
  const good = JSON.stringify({ alg: key.alg, typ: 'JWT', kid: key.kid });
  const valid = JSON.stringify(claims());
  const first = (member: string): string => `{${member},${valid.slice(1)}`;
  const last = (member: string): string => `${valid.slice(0, -1)},${member}}`;
  const without = (name: string, member: string): string =>
    `${JSON.stringify(claims({ [name]: undefined })).slice(0, -1)},${member}}`;
  const now = Math.floor(Date.now() / 1_000);
  const headers: Record<string, string> = {
    'a duplicate alg': good.replace('{', '{"alg":"none",'),
    'a duplicate kid': good.replace('{', '{"kid":"other",'),
    'a duplicate in a nested object': good.replace('{', '{"x":{"a":1,"a":2},'),
    'a byte order mark': `\uFEFF${good}`,
    'two objects': `${good}${good}`,
    'a comment': good.replace('{', '{/**/'),
  };
  const payloads: Record<string, string | Buffer> = {
    'a duplicate tenant': first('"tenant":"globex"'),
    'a duplicate tenant at the end': last('"tenant":"acme"'),
    'a duplicate tenant in other letters': first('"\\u0074enant":"globex"'),
    'a duplicate exp': first('"exp":1'),
    'a duplicate scope': last('"scope":"groups:delete"'),
    'a duplicate in a nested object': last('"act":{"sub":"a","sub":"b"}'),
    'an exp without end': without('exp', '"exp":1e999'),
    'an exp in the year 9999': without('exp', '"exp":253402300799'),
    'an exp in milliseconds': without('exp', `"exp":${(now + 600) * 1_000}`),
    'an iat without end': without('iat', '"iat":1e999'),
    'an iat without beginning': without('iat', '"iat":-1e999'),
    'a negative iat': without('iat', '"iat":-1'),
    'an iat in milliseconds': without('iat', `"iat":${now * 1_000}`),
    'a nbf without end': last('"nbf":1e999'),
    'a nbf without beginning': last('"nbf":-1e999'),
    'an inherited tenant': without('tenant', '"__proto__":{"tenant":"acme"}'),
    'an inherited exp': without('exp', `"__proto__":{"exp":${now + 600}}`),
    'an inherited sub': without('sub', '"constructor":{"prototype":{"sub":"a"}}'),
    'a tenant within another claim': without('tenant', '"claims":{"tenant":"acme"}'),
    'a tenant with a null character': without('tenant', '"tenant":"acme\\u0000"'),
    'a tenant in look-alike letters': without('tenant', '"tenant":"\u0430cme"'),
    'a tenant with a lone surrogate': without('tenant', '"tenant":"acme\\ud800"'),
    'a byte order mark': `\uFEFF${valid}`,
    'two objects': `${valid}${valid}`,
    'a comment': valid.replace('{', '{/**/'),
    'a trailing comma': `${valid.slice(0, -1)},}`,
    'bytes that are not UTF-8': Buffer.concat([
      Buffer.from(`${valid.slice(0, -1)},"x":"`),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('"}'),
    ]),
  };
  return [
    ...Object.entries(headers).map(([what, header]) => ({
      what: `header: ${what}`,
      token: signTexts(key, header, valid),
    })),
    ...Object.entries(payloads).map(([what, payload]) => ({
      what: `claims: ${what}`,
      token: signTexts(key, good, payload),
    })),
  ];
}

/** The bytes of a valid token in other characters. */
async function otherEncodings(key: SigningKey): Promise<Forgery[]> {
  const token = await sign(key);
  const [header = '', payload = '', signature = ''] = token.split('.');
  const standard = (text: string): string => text.replaceAll('-', '+').replaceAll('_', '/');
  // The last character of these signatures has bits that belong to no byte.
  const lastIndex = BASE64URL.indexOf(signature.at(-1) ?? '');
  const padded = (text: string): string => text + '='.repeat((4 - (text.length % 4)) % 4);
  const forms: [string, string][] = [
    ['a padded signature', `${header}.${payload}.${signature}${'='.repeat(2)}`],
    ['padded parts', [header, payload, signature].map(padded).join('.')],
    ['other unused bits', `${header}.${payload}.${signature.slice(0, -1)}${BASE64URL[lastIndex ^ 1]}`],
    ['more unused bits', `${header}.${payload}.${signature.slice(0, -1)}${BASE64URL[lastIndex ^ 2]}`],
    ['standard base64', `${header}.${payload}.${standard(`${signature.slice(0, -2)}-_`)}`],
    ['percent-encoding', `${header}.${payload}.%${signature}`],
    ['a character that is not ASCII', `${header}.${payload}.${signature}\u00e9`],
    [
      'a header in hexadecimal',
      `${Buffer.from(header, 'base64url').toString('hex')}.${payload}.${signature}`,
    ],
    ['an empty header', `.${payload}.${signature}`],
    ['an empty payload', `${header}..${signature}`],
    ['dots only', '..'],
    ['no signature bytes', `${header}.${payload}.${'A'.repeat(signature.length)}`],
  ];
  // Some signatures have no padding.
  return forms.filter(([, form]) => form !== token).map(([what, form]) => ({ what, token: form }));
}

/** The header names another algorithm than the key's. */
async function otherAlgorithms(key: SigningKey): Promise<Forgery[]> {
  const [, payload, signature] = (await sign(key)).split('.');
  return ALGORITHMS.filter((alg) => alg !== key.alg).map((alg) => {
    const header = Buffer.from(JSON.stringify({ alg, typ: 'JWT', kid: key.kid })).toString('base64url');
    return {
      what: `the signature of another algorithm as ${alg}`,
      token: `${header}.${payload}.${signature}`,
    };
  });
}

async function nested(key: SigningKey): Promise<Forgery[]> {
  const inner = await sign(key);
  const kids = [1, null, ['a'], { a: 1 }, true];
  const forged = [
    { what: 'a nested token', token: await sign(key, inner, { cty: 'JWT' }) },
    { what: 'a nested token without its content type', token: await sign(key, JSON.stringify(inner)) },
    { what: 'claims declared as a nested token', token: await sign(key, claims(), { cty: 'JWT' }) },
    ...(await Promise.all(
      kids.map(async (kid) => ({
        what: `a key id that is ${JSON.stringify(kid)}`,
        token: await sign(key, claims(), { kid }),
      })),
    )),
  ];
  const alg = { RS256: 'RSA-OAEP-256', ES256: 'ECDH-ES' }[key.alg];
  if (alg === undefined) return forged;
  // Anybody can encrypt to the public key of the issuer.
  const { use: _, alg: __, ...jwk } = key.jwk;
  const publicKey = await importJWK({ ...jwk, use: 'enc' }, alg);
  const encrypted = (text: string): Promise<string> =>
    new CompactEncrypt(Buffer.from(text))
      .setProtectedHeader({ alg, enc: 'A256GCM', typ: 'JWT', ...(key.kid !== undefined && { kid: key.kid }) })
      .encrypt(publicKey);
  return [
    ...forged,
    { what: 'encrypted claims', token: await encrypted(JSON.stringify(claims())) },
    { what: 'an encrypted token', token: await encrypted(inner) },
  ];
}
