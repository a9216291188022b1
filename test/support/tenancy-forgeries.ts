import { createHmac } from 'node:crypto';
import { exportJWK, exportSPKI, importJWK } from 'jose';
import { forgedForms } from './tenancy-forgery-forms.js';
import { claims, makeKey, sign, type SigningKey } from './tenancy-issuer.js';

export interface Forgery {
  readonly what: string;
  readonly token: string;
}

const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** With the claims around it, one level deeper than what is parsed. */
const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));

/**
 * Returns nearly valid tokens that must be rejected. `keys` are the keys that the issuer publishes; tokens from the future
 * are so many seconds ahead, just beyond the tolerance by default.
 */
export async function forgeries(keys: readonly SigningKey[], aheadSeconds = 32): Promise<Forgery[]> {
  const made: Forgery[] = [];
  for (const key of keys) {
    made.push(
      ...(await wrongClaims(key, aheadSeconds)),
      ...(await wrongHeaders(key)),
      ...(await wrongBytes(key)),
    );
    made.push(...(await wrongKeys(key)), ...(await symmetric(key)), ...(await forgedForms(key)));
  }
  return made;
}

async function wrongClaims(key: SigningKey, aheadSeconds: number): Promise<Forgery[]> {
  const now = Math.floor(Date.now() / 1_000);
  const changes: Record<string, readonly unknown[]> = {
    iss: [
      undefined,
      'https://evil.example.com',
      'https://issuer.example.com/',
      ['https://issuer.example.com'],
      null,
      1,
    ],
    aud: [
      undefined,
      'other',
      ['other'],
      [],
      null,
      'chatgroup-gateway ',
      { 0: 'chatgroup-gateway' },
      ['chatgroup-gateway', 1],
    ],
    sub: [undefined, '', null, 5, ['user-1'], {}],
    exp: [undefined, now - 31, now - 86_400, 0, -1, null, String(now + 600), [now + 600], true],
    iat: [undefined, now + aheadSeconds, now + 86_400, null, String(now), [now], {}],
    nbf: [now + aheadSeconds, now + 86_400, null, 'now', [now]],
    profile: [nested(32), nested(2_000)],
    tenant: [
      undefined,
      '',
      'globex',
      'ACME',
      'acme ',
      'constructor',
      '__proto__',
      null,
      1,
      ['acme'],
      { id: 'acme' },
    ],
    scope: [null, 5, ['groups:read'], { 'groups:read': true }],
    permissions: [null, 5, 'groups:read', ['groups:read', 5], [['groups:read']], { 'groups:read': true }],
    cust_space_ids: [
      null,
      'cams-acme',
      5,
      true,
      {},
      [1],
      [null],
      [''],
      [['cams-acme']],
      Array(1_001).fill('a'),
    ],
  };
  const payloads: [string, unknown][] = Object.entries(changes).flatMap(([claim, values]) =>
    values.map((value): [string, unknown] => [
      `${claim} = ${JSON.stringify(value)?.slice(0, 40)}`,
      claims({ [claim]: value }),
    ]),
  );
  payloads.push(
    ['no claims', {}],
    ['a list', [claims()]],
    ['text', '"acme"'],
    ['null', 'null'],
    ['invalid JSON', '{'],
    ['nothing', ''],
  );
  return Promise.all(payloads.map(async ([what, payload]) => ({ what, token: await sign(key, payload) })));
}

async function wrongHeaders(key: SigningKey): Promise<Forgery[]> {
  const headers: Record<string, Record<string, unknown>> = {
    'type of a logout token': { typ: 'logout+jwt' },
    'type of a proof': { typ: 'dpop+jwt' },
    'type that is a list': { typ: ['JWT'] },
    'unknown critical field': { crit: ['urn:example:mind'], 'urn:example:mind': true },
    'known critical field': { crit: ['exp'], exp: 1 },
    'payload declared as unencoded': { b64: true },
    'another key id': { kid: 'unknown' },
  };
  const signed = await Promise.all(
    Object.entries(headers).map(async ([what, header]) => ({
      what,
      token: await sign(key, claims(), header),
    })),
  );
  const [, payload, signature] = (await sign(key)).split('.');
  const unsigned = ['none', 'None', 'NONE', '', 'HS256', 'RSA-OAEP', null, ['RS256'], undefined].flatMap(
    (alg) => {
      const header = encode({ alg, typ: 'JWT', kid: key.kid });
      return [
        { what: `alg ${String(alg)} without signature`, token: `${header}.${payload}.` },
        { what: `alg ${String(alg)} with a signature`, token: `${header}.${payload}.${signature}` },
      ];
    },
  );
  return [...signed, ...unsigned];
}

async function wrongBytes(key: SigningKey): Promise<Forgery[]> {
  const token = await sign(key);
  const [header = '', payload = '', signature = ''] = token.split('.');
  const flip = (text: string, at: number): string =>
    text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
  return [
    { what: 'other claims', token: `${header}.${encode(claims({ sub: 'admin' }))}.${signature}` },
    { what: 'a changed header', token: `${flip(header, 12)}.${payload}.${signature}` },
    { what: 'a changed payload', token: `${header}.${flip(payload, 12)}.${signature}` },
    { what: 'a changed signature', token: `${header}.${payload}.${flip(signature, 12)}` },
    { what: 'a truncated signature', token: `${header}.${payload}.${signature.slice(0, -4)}` },
    { what: 'a signature that is too long', token: `${token}AAAA` },
    { what: 'no signature', token: `${header}.${payload}` },
    { what: 'an empty signature', token: `${header}.${payload}.` },
    { what: 'the payload twice', token: `${header}.${payload}.${payload}.${signature}` },
    { what: 'the signature twice', token: `${token}.${signature}` },
    { what: 'five parts, as encrypted tokens have', token: `${token}..` },
    { what: 'a dot before it', token: `.${token}` },
    { what: 'the header alone', token: header },
    { what: 'invalid base64url', token: `${header}.${payload}!.${signature}` },
    { what: 'invalid JSON as header', token: `${encode('{')}.${payload}.${signature}` },
    { what: 'a list as header', token: `${encode([{ alg: key.alg }])}.${payload}.${signature}` },
    { what: 'more than 6 KiB', token: await sign(key, claims({ padding: 'x'.repeat(6_000) })) },
  ];
}

/** The attacker's own key, supplied in every way that a header permits. */
async function wrongKeys(key: SigningKey): Promise<Forgery[]> {
  const foreign = await makeKey(key.alg, key.kid);
  const own = await makeKey(key.alg, 'own');
  const headers: Record<string, Record<string, unknown>> = {
    'a foreign key': {},
    'a foreign key in jwk': { jwk: foreign.jwk },
    'a foreign key by jku': { jku: 'https://evil.example.com/jwks.json' },
    'a foreign key by x5u': { x5u: 'https://evil.example.com/x5u.pem' },
    'a foreign key in x5c': { x5c: ['MIIBszCCAVmgAwIBAgIUevil'] },
  };
  const tokens = await Promise.all(
    Object.entries(headers).flatMap(([what, header]) =>
      [foreign, own].map(async (signer) => ({
        what: `${what} as ${signer.kid}`,
        token: await sign(signer, claims(), header),
      })),
    ),
  );
  const path = await sign(foreign, claims(), { kid: '../../../dev/null' });
  return [...tokens, { what: 'a key id that is a path', token: path }];
}

/** HMAC with the public key as the secret, in the forms in which a verifier may store it. */
async function symmetric(key: SigningKey): Promise<Forgery[]> {
  const publicKey = await importJWK(key.jwk, key.alg, { extractable: true });
  if (publicKey instanceof Uint8Array) throw new Error('Expected a public key');
  const secrets = [
    await exportSPKI(publicKey),
    JSON.stringify(key.jwk),
    JSON.stringify(await exportJWK(publicKey)),
    '',
  ];
  return secrets.map((secret, index) => {
    const input = `${encode({ alg: 'HS256', typ: 'JWT', kid: key.kid })}.${encode(claims())}`;
    const token = `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
    return { what: `HS256 with the public key as secret (form ${index})`, token };
  });
}
