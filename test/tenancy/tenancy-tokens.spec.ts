import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { GatewayError } from '../../src/errors/gateway-error.js';
import { errorHeaders, problem } from '../../src/errors/problem-details.js';
import type { Authenticator } from '../../src/tenancy/auth/authenticator.js';
import { SANDBOX_PEPPER } from '../../src/config/config.js';
import type { Principal } from '../../src/tenancy/principal.js';
import { startClock, stopClock } from '../support/tenancy-clock.js';
import { acmeFile, outcome, TenancyFixture } from '../support/tenancy-fixture.js';
import { forgeries } from '../support/tenancy-forgeries.js';
import {
  AUDIENCE,
  claims,
  ISSUER,
  keySet,
  makeKey,
  sign,
  type SigningKey,
} from '../support/tenancy-issuer.js';

const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const TENANTS = acmeFile(undefined, '  - { id: empty, spaces: [] }');

let keys: SigningKey[];
let fixture: TenancyFixture;
let clock: { advance: (ms: number) => void };

beforeAll(async () => {
  keys = await Promise.all(ALGORITHMS.map((alg) => makeKey(alg, `key-${alg}`)));
});
beforeEach(() => {
  fixture = new TenancyFixture();
  fixture.write('tenants.yaml', TENANTS);
  clock = stopClock();
});
afterEach(() => {
  startClock();
  fixture.close();
});
afterAll(() => startClock());

function key(alg: string): SigningKey {
  const found = keys.find((candidate) => candidate.alg === alg);
  if (found === undefined) throw new Error(`no key for ${alg}`);
  return found;
}

function withKeys(...published: readonly SigningKey[]): Authenticator {
  const JWT_JWKS_FILE = fixture.write('jwks.json', keySet(...published));
  const settings = { JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE, JWT_JWKS_FILE };
  return fixture.authenticator(fixture.config(settings));
}

let addresses = 0;
/** Presents a token from a new address, so that no failure is limited. */
async function present(authenticator: Authenticator, token: string): Promise<Principal> {
  addresses += 1;
  return authenticator.authenticate({
    authorization: `Bearer ${token}`,
    address: `10.0.${addresses >> 8}.${addresses & 255}`,
  });
}

describe('a token of the issuer', () => {
  it.each(ALGORITHMS)('is accepted if it is signed with %s', async (alg) => {
    const principal = await present(withKeys(...keys), await sign(key(alg)));
    expect(principal.tenant.id).toBe('acme');
    // As docs/audit.md says how to compute it.
    const digest = createHmac('sha256', SANDBOX_PEPPER).update('subject\nacme\nuser-1').digest('hex');
    expect(principal.id).toBe(`sub:${digest.slice(0, 16)}`);
    expect([...principal.permissions]).toEqual(['groups:read', 'groups:write']);
    expect([...principal.spaces.keys()]).toEqual(['cams-acme', 'cams-acme-2']);
  });

  it.each<[what: string, changes: Record<string, unknown>]>([
    ['the audience among others', { aud: ['other', AUDIENCE] }],
    ['no scope', { scope: undefined }],
    ['unknown words in its scope', { scope: 'openid  groups:read admin' }],
    ['an expiry time in the past but within the tolerance', { exp: Math.floor(Date.now() / 1_000) - 20 }],
    ['an issue time in the future but within the tolerance', { iat: Math.floor(Date.now() / 1_000) + 20 }],
  ])('is accepted with %s', async (_what, changes) => {
    expect(await outcome(present(withKeys(key('ES256')), await sign(key('ES256'), claims(changes))))).toMatch(
      /^sub:/,
    );
  });

  it.each([undefined, 'JWT', 'jwt', 'at+jwt', 'application/at+jwt'])(
    'is accepted with the type %s',
    async (typ) => {
      expect(
        await outcome(present(withKeys(key('ES256')), await sign(key('ES256'), claims(), { typ }))),
      ).toMatch(/^sub:/);
    },
  );

  it('is accepted without a key ID, whichever of the keys signed it', async () => {
    const nameless = [await makeKey('ES256', undefined), await makeKey('ES256', undefined)];
    const authenticator = withKeys(...nameless);
    for (const signer of nameless)
      expect(await outcome(present(authenticator, await sign(signer)))).toMatch(/^sub:/);
    const foreign = await makeKey('ES256', undefined);
    expect(await outcome(present(authenticator, await sign(foreign)))).toBe('UNAUTHENTICATED');
  });

  it('grants only the permissions of its scope', async () => {
    const authenticator = withKeys(key('ES256'));
    const narrow = await present(
      authenticator,
      await sign(key('ES256'), claims({ scope: 'groups:delete profile' })),
    );
    expect([...narrow.permissions]).toEqual(['groups:delete']);
    const none = await present(authenticator, await sign(key('ES256'), claims({ scope: undefined })));
    expect([...none.permissions]).toEqual([]);
  });

  it.each<[what: string, changes: Record<string, unknown>, permissions: string[]]>([
    [
      'a list',
      { scope: undefined, permissions: ['groups:read', 'groups:delete'] },
      ['groups:read', 'groups:delete'],
    ],
    ['an empty list', { scope: undefined, permissions: [] }, []],
    ['other words in the list', { scope: undefined, permissions: ['admin', 'groups:read'] }, ['groups:read']],
    [
      'both claims',
      { scope: 'openid groups:read', permissions: ['groups:delete'] },
      ['groups:read', 'groups:delete'],
    ],
    ['the same in both', { scope: 'groups:read', permissions: ['groups:read'] }, ['groups:read']],
  ])('grants the permissions of the claim permissions as well: %s', async (_what, changes, permissions) => {
    const { permissions: granted } = await present(
      withKeys(key('ES256')),
      await sign(key('ES256'), claims(changes)),
    );
    expect([...granted]).toEqual(permissions);
  });

  it.each<[what: string, ids: string[], spaces: string[]]>([
    ['one space', ['cams-acme-2'], ['cams-acme-2']],
    ['no space', [], []],
    ['unknown spaces', ['cams-acme', 'cams-globex', 'CAMS-ACME-2'], ['cams-acme']],
  ])('restricts the spaces of the tenant by cust_space_ids: %s', async (_what, ids, spaces) => {
    const token = await sign(key('ES256'), claims({ cust_space_ids: ids }));
    const principal = await present(withKeys(key('ES256')), token);
    expect([...principal.spaces.keys()]).toEqual(spaces);
  });

  it('is cached no longer than it is valid', async () => {
    const authenticator = withKeys(key('ES256'));
    const token = await sign(key('ES256'), claims({ exp: Math.floor(Date.now() / 1_000) + 60 }));
    const first = await present(authenticator, token);
    expect(await present(authenticator, token)).toBe(first);
    clock.advance(95_000);
    expect(await outcome(present(authenticator, token))).toBe('UNAUTHENTICATED');
  });

  it('gains and loses access at once when a reload changes its tenant', async () => {
    const config = fixture.config({
      JWT_ISSUER: ISSUER,
      JWT_AUDIENCE: AUDIENCE,
      JWT_JWKS_FILE: fixture.write('jwks.json', keySet(key('ES256'))),
    });
    const directory = fixture.directory(config);
    const authenticator = fixture.authenticator(config, directory);
    const token = await sign(key('ES256'));
    await present(authenticator, token);
    fixture.write('tenants.yaml', TENANTS.replace('cams-acme-2', 'cams-acme-3'));
    await directory.reload();
    expect([...(await present(authenticator, token)).spaces.keys()]).toEqual(['cams-acme', 'cams-acme-3']);
    fixture.write('tenants.yaml', 'tenants: []');
    await directory.reload();
    expect(await outcome(present(authenticator, token))).toBe('UNAUTHENTICATED');
  });

  it('names its tenant in the configured claim', async () => {
    const config = fixture.config({
      JWT_ISSUER: ISSUER,
      JWT_AUDIENCE: AUDIENCE,
      JWT_JWKS_FILE: fixture.write('jwks.json', keySet(key('ES256'))),
      JWT_TENANT_CLAIM: 'https://example.com/tenant',
    });
    const token = await sign(key('ES256'), claims({ tenant: 'empty', 'https://example.com/tenant': 'acme' }));
    expect((await present(fixture.authenticator(config), token)).tenant.id).toBe('acme');
  });

  it('is refused if tokens are not configured', async () => {
    expect(await outcome(present(fixture.authenticator(), await sign(key('ES256'))))).toBe('UNAUTHENTICATED');
  });
});

function isExpired(response: string): boolean {
  return response.includes('"detail":"The token has expired."');
}

describe('a forged token', () => {
  it('is refused, and no response reveals how it was forged', async () => {
    const signers = [key('RS256'), key('ES256'), key('EdDSA')];
    const authenticator = withKeys(...signers);
    const forged = await forgeries(signers);
    const passed: string[] = [];
    const responses = new Map<string, Set<string>>();
    for (const { what, token } of forged) {
      try {
        await present(authenticator, token);
        passed.push(what);
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        const response = JSON.stringify([problem(error, ''), errorHeaders(error)]);
        responses.set(response, (responses.get(response) ?? new Set()).add(what));
      }
    }
    expect(passed).toEqual([]);
    expect(new Set(forged.map(({ token }) => token)).size).toBeGreaterThanOrEqual(250);
    const [[, expired] = ['', new Set<string>()], ...others] = [...responses].toSorted(
      ([a], [b]) => Number(isExpired(b)) - Number(isExpired(a)),
    );
    // Only authentic tokens are told that they have expired: those with a time in the past.
    expect([...expired].filter((what) => !/^exp = (-1|\d+)$/.test(what))).toEqual([]);
    expect(expired.size).toBe(4);
    expect(others.map(([response]) => response)).toEqual([
      expect.stringContaining('"detail":"The credentials are not valid."'),
    ]);
    for (const signer of signers)
      expect(await outcome(present(authenticator, await sign(signer)))).toMatch(/^sub:/);
  });

  it('is refused if it is signed with a secret from the key set', async () => {
    const secret = { kty: 'oct', k: 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I', kid: 'oct', alg: 'HS256' };
    const JWT_JWKS_FILE = fixture.write('jwks.json', JSON.stringify({ keys: [secret, key('ES256').jwk] }));
    const authenticator = fixture.authenticator(
      fixture.config({ JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE, JWT_JWKS_FILE }),
    );
    const input = [{ alg: 'HS256', kid: 'oct' }, claims()]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const signature = createHmac('sha256', Buffer.from(secret.k, 'base64url'))
      .update(input)
      .digest('base64url');
    expect(await outcome(present(authenticator, `${input}.${signature}`))).toBe('UNAUTHENTICATED');
  });
});
