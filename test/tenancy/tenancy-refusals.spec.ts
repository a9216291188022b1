import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { GatewayError } from '../../src/errors/gateway-error.js';
import { errorHeaders } from '../../src/errors/problem-details.js';
import type { Authenticator } from '../../src/tenancy/auth/authenticator.js';
import { acmeFile, keyLine, SECRET_A, TenancyFixture } from '../support/tenancy-fixture.js';
import {
  AUDIENCE,
  claims,
  ISSUER,
  keySet,
  makeKey,
  sign,
  type SigningKey,
} from '../support/tenancy-issuer.js';

const KEY = `cgk_web.${SECRET_A}`;
/** Its id is logged as it is, although it is a long number: the operator chose it. */
const NUMBERED = '20271231000';
const EXPIRED_KEY = `cgk_old.${'O'.repeat(43)}`;
const now = Math.floor(Date.now() / 1_000);

let key: SigningKey;
let foreign: SigningKey;
let fixture: TenancyFixture;
let authenticator: Authenticator;
beforeAll(async () => {
  key = await makeKey('ES256', 'one');
  foreign = await makeKey('ES256', 'one');
});
beforeEach(() => {
  fixture = new TenancyFixture();
  const old = keyLine('old', 'O'.repeat(43), 'expiresAt: 2020-01-01T00:00:00Z');
  fixture.write(
    'tenants.yaml',
    acmeFile(`${keyLine('web', SECRET_A)}, ${keyLine(`'${NUMBERED}'`, 'N'.repeat(43))}, ${old}`),
  );
  authenticator = withKeys(keySet(key));
});
afterEach(() => fixture.close());
afterAll(() => fixture.close());

function withKeys(jwks: string): Authenticator {
  const JWT_JWKS_FILE = fixture.write('jwks.json', jwks);
  return fixture.authenticator(fixture.config({ JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE, JWT_JWKS_FILE }));
}

async function refusalOf(
  headers: { readonly authorization?: string; readonly apiKey?: string; readonly areRepeated?: boolean },
  by = authenticator,
): Promise<GatewayError> {
  try {
    await by.authenticate({ ...headers, address: '192.0.2.1' });
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('The credentials were accepted.');
}

/** What the client receives. */
function shown(error: GatewayError): unknown {
  return [error.code, error.detail, errorHeaders(error)];
}
const INVALID = ['UNAUTHENTICATED', 'The credentials are not valid.', { 'WWW-Authenticate': 'Bearer' }];

describe('a refused key', () => {
  it.each<[fault: string, headers: { authorization?: string; apiKey?: string }, noted: object]>([
    ['malformed_key', { apiKey: 'cgk_web' }, { kind: 'key' }],
    ['malformed_key', { apiKey: 'cgk_web.short' }, { kind: 'key', keyId: 'web' }],
    ['malformed_authorization', { authorization: 'Basic YTpi' }, { kind: 'token' }],
    ['unknown_key', { apiKey: KEY.replace('web', 'other') }, { kind: 'key', keyId: 'other' }],
    ['wrong_secret', { apiKey: `cgk_web.${'Z'.repeat(43)}` }, { kind: 'key', keyId: 'web' }],
    ['wrong_secret', { apiKey: `cgk_${NUMBERED}.${'Z'.repeat(43)}` }, { kind: 'key', keyId: NUMBERED }],
    ['wrong_secret', { apiKey: `cgk_old.${'Z'.repeat(43)}` }, { kind: 'key', keyId: 'old' }],
  ])('is logged as %s, which the response does not reveal', async (fault, headers, noted) => {
    const error = await refusalOf(headers);
    expect(error.options.refused).toEqual({ fault, ...noted });
    expect(shown(error)).toEqual(INVALID);
  });

  it.each([
    ['different_credentials', { authorization: `Bearer ${KEY}`, apiKey: EXPIRED_KEY }],
    ['different_credentials', { authorization: 'Basic YTpi', apiKey: KEY }],
    ['repeated_credentials', { authorization: `Bearer ${KEY}`, areRepeated: true }],
  ])('beside others is logged as %s, and the response says so', async (fault, headers) => {
    const error = await refusalOf(headers);
    expect(error.options.refused).toMatchObject({ kind: 'conflict', fault });
    expect(error.detail).toMatch(/^Send credentials only once: in Authorization or in X-Api-Key/);
  });

  it('tells the client that it has expired, however often it is sent', async () => {
    for (let n = 0; n < 12; n += 1) {
      const error = await refusalOf({ apiKey: EXPIRED_KEY });
      expect(error.options.refused).toEqual({ kind: 'key', fault: 'expired_key', keyId: 'old' });
      expect(shown(error)).toEqual(expired('The API key has expired'));
    }
  });

  it('is logged with its fault when it is limited', async () => {
    const wrong = { apiKey: `cgk_web.${'Z'.repeat(43)}` };
    for (let n = 0; n < 10; n += 1) await refusalOf(wrong);
    const { code, options } = await refusalOf(wrong);
    expect([code, options.refused]).toEqual([
      'RATE_LIMITED',
      { kind: 'key', fault: 'wrong_secret', keyId: 'web' },
    ]);
  });

  it('is logged as missing if there is none', async () => {
    const error = await refusalOf({});
    expect(error.options.refused).toEqual({ kind: 'none', fault: 'missing' });
    expect(errorHeaders(error)).toEqual({ 'WWW-Authenticate': 'Bearer' });
  });
});

function expired(words: string): unknown {
  const challenge = `Bearer error="invalid_token", error_description="${words}"`;
  return ['UNAUTHENTICATED', `${words}.`, { 'WWW-Authenticate': challenge }];
}

type Header = Readonly<Record<string, unknown>>;

describe('a refused token', () => {
  it.each<[fault: string, changes: Header, header?: Header]>([
    ['wrong_issuer', { iss: 'https://evil.example.com' }],
    ['missing_iss', { iss: undefined }],
    ['wrong_audience', { aud: 'other' }],
    ['malformed_aud', { aud: [AUDIENCE, 1] }],
    ['missing_exp', { exp: undefined }],
    ['malformed_exp', { exp: 'soon' }],
    ['missing_iat', { iat: undefined }],
    ['malformed_iat', { iat: null }],
    ['not_yet_valid', { iat: now + 3_600 }],
    ['not_yet_valid', { nbf: now + 3_600 }],
    ['missing_sub', { sub: undefined }],
    ['malformed_sub', { sub: 5 }],
    ['missing_tenant', { tenant: undefined }],
    ['malformed_tenant', { tenant: ['acme'] }],
    ['unknown_tenant', { tenant: 'globex' }],
    ['malformed_scope', { scope: ['groups:read'] }],
    ['malformed_permissions', { permissions: 'groups:read' }],
    ['malformed_permissions', { permissions: ['groups:read', 5] }],
    ['malformed_cust_space_ids', { cust_space_ids: 'cams-acme' }],
    ['token_too_long', { padding: 'x'.repeat(6_000) }],
    ['unsupported_type', {}, { typ: 'logout+jwt' }],
    ['unsupported_header', {}, { b64: true }],
    ['unknown_issuer_key', {}, { kid: 'one-not' }],
  ])('is logged as %s, which the response does not reveal', async (fault, changes, header = {}) => {
    const authorization = `Bearer ${await sign(key, claims(changes), header)}`;
    const error = await refusalOf({ authorization });
    expect(error.options.refused).toEqual({ kind: 'token', fault, keyId: header['kid'] ?? 'one' });
    expect(shown(error)).toEqual(INVALID);
  });

  it.each<[fault: string, token: () => Promise<string>, keyId?: string]>([
    ['malformed_token', async () => 'abc', undefined],
    ['malformed_token', async () => (await sign(key)).split('.').slice(0, 2).join('.'), undefined],
    ['bad_signature', async () => sign(foreign)],
    ['bad_signature', async () => sign(foreign, claims({ exp: now - 3_600 }))],
    ['unsupported_algorithm', async () => withAlgorithm('HS256')],
    ['unsupported_algorithm', async () => withAlgorithm('none')],
  ])('that is not authentic is logged as %s', async (fault, token, ...keyIds) => {
    const error = await refusalOf({ authorization: `Bearer ${await token()}` });
    const keyId = keyIds.length === 0 ? 'one' : undefined;
    expect(error.options.refused).toEqual({ kind: 'token', fault, ...(keyId && { keyId }) });
    expect(shown(error)).toEqual(INVALID);
  });

  it('tells the client that it has expired, however often it is sent', async () => {
    const authorization = `Bearer ${await sign(key, claims({ exp: now - 3_600 }))}`;
    for (let n = 0; n < 12; n += 1) {
      const error = await refusalOf({ authorization });
      expect(error.options.refused).toEqual({ kind: 'token', fault: 'expired_token', keyId: 'one' });
      expect(shown(error)).toEqual(expired('The token has expired'));
    }
  });

  it.each<[what: string, changes: Header]>([
    ['of another issuer', { iss: 'https://evil.example.com' }],
    ['for another audience', { aud: 'other' }],
  ])('%s is not told that it has expired', async (_what, changes) => {
    const token = await sign(key, claims({ ...changes, exp: now - 3_600 }));
    expect(shown(await refusalOf({ authorization: `Bearer ${token}` }))).toEqual(INVALID);
  });

  it('is logged as tokens_not_configured without an issuer', async () => {
    const error = await refusalOf({ authorization: `Bearer ${await sign(key)}` }, fixture.authenticator());
    expect(error.options.refused).toEqual({ kind: 'token', fault: 'tokens_not_configured', keyId: 'one' });
  });

  it('is logged as unusable_issuer_key if the key of the issuer cannot be used', async () => {
    const broken = { ...key.jwk, x: 'AAAA', y: 'AAAA' };
    const by = withKeys(JSON.stringify({ keys: [broken] }));
    const error = await refusalOf({ authorization: `Bearer ${await sign(key)}` }, by);
    expect(error.options.refused).toEqual({ kind: 'token', fault: 'unusable_issuer_key', keyId: 'one' });
    expect(shown(error)).toEqual(INVALID);
  });

  it('is logged as issuer_keys_not_fetched while the keys of the issuer are missing', async () => {
    const JWT_JWKS_URL = 'http://127.0.0.1:9/jwks.json';
    const config = fixture.config({ JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE, JWT_JWKS_URL });
    const error = await refusalOf(
      { authorization: `Bearer ${await sign(key)}` },
      fixture.authenticator(config),
    );
    expect(error.options.refused).toEqual({ kind: 'token', fault: 'issuer_keys_not_fetched', keyId: 'one' });
  });
});

async function withAlgorithm(alg: string): Promise<string> {
  const [, ...rest] = (await sign(key)).split('.');
  return [Buffer.from(JSON.stringify({ alg, kid: 'one' })).toString('base64url'), ...rest].join('.');
}
