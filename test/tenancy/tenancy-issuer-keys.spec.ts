import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Authenticator } from '../../src/tenancy/auth/authenticator.js';
import { ConfigError } from '../../src/config/config.js';
import { JwksFile } from '../../src/tenancy/auth/jwks-file.js';
import { eventually } from '../support/eventually.js';
import { startClock, stopClock } from '../support/tenancy-clock.js';
import { acmeFile, outcome, TenancyFixture } from '../support/tenancy-fixture.js';
import {
  AUDIENCE,
  claims,
  ISSUER,
  IssuerServer,
  keySet,
  makeKey,
  sign,
  type SigningKey,
} from '../support/tenancy-issuer.js';

const MINUTE = 60_000;

let older: SigningKey;
let newer: SigningKey;
let fixture: TenancyFixture;
let clock: { advance: (ms: number) => void };

beforeAll(async () => {
  older = await makeKey('ES256', 'older');
  newer = await makeKey('ES256', 'newer');
});
beforeEach(() => {
  fixture = new TenancyFixture();
  fixture.write('tenants.yaml', acmeFile());
  clock = stopClock();
});
afterEach(() => {
  startClock();
  fixture.close();
});

function authenticatorWith(jwks: Readonly<Record<string, string>>): Authenticator {
  return fixture.authenticator(fixture.config({ JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE, ...jwks }));
}

let subjects = 0;
/** Presents a new token that is valid for a day. */
async function present(authenticator: Authenticator, key: SigningKey): Promise<string> {
  subjects += 1;
  const exp = Math.floor(Date.now() / 1_000) + 86_400;
  const token = await sign(key, claims({ sub: `user-${subjects}`, exp }));
  const result = await outcome(authenticator.authenticate({ authorization: `Bearer ${token}`, address: '' }));
  return result.replace(/:.*/, '');
}

/** Returns the newer key with another use. */
function keySetFor(use: string): string {
  return JSON.stringify({ keys: [{ ...newer.jwk, use }] });
}

describe('keys from a URL', () => {
  let issuer: IssuerServer;
  let url: string;
  beforeEach(async () => {
    issuer = new IssuerServer();
    url = await issuer.listen();
  });
  afterEach(() => issuer.close());

  it('are fetched once for many tokens', async () => {
    issuer.publish(older);
    const authenticator = authenticatorWith({ JWT_JWKS_URL: url });
    const results = await Promise.all(Array.from({ length: 20 }, () => present(authenticator, older)));
    expect(new Set(results)).toEqual(new Set(['sub']));
    expect(issuer.requests).toBe(1);
  });

  it('are fetched again for a new key ID, but at most once every 30 seconds', async () => {
    issuer.publish(older);
    const authenticator = authenticatorWith({ JWT_JWKS_URL: url });
    expect(await present(authenticator, older)).toBe('sub');
    issuer.publish(older, newer);
    for (let n = 0; n < 5; n++) expect(await present(authenticator, newer)).toBe('UNAUTHENTICATED');
    expect(issuer.requests).toBe(1);
    clock.advance(31_000);
    expect(await present(authenticator, newer)).toBe('sub');
    expect(issuer.requests).toBe(2);
  });

  it('stay in use while the issuer is down, no matter how long', async () => {
    issuer.publish(older);
    const authenticator = authenticatorWith({ JWT_JWKS_URL: url });
    expect(await present(authenticator, older)).toBe('sub');
    issuer.answer = (response) => response.destroy();
    for (let hours = 0; hours < 3; hours++) {
      clock.advance(60 * MINUTE);
      expect(await present(authenticator, older)).toBe('sub');
    }
    expect(await present(authenticator, newer)).toBe('UNAUTHENTICATED');
    expect(await present(authenticator, older)).toBe('sub');
  });

  it.each<[what: string, answer: IssuerServer['answer']]>([
    ['an error', (response) => response.writeHead(500).end('{}')],
    ['invalid JSON', (response) => response.end('<html>')],
    ['an invalid key set', (response) => response.end('{"keys":5}')],
    ['an empty key set', (response) => response.end('{"keys":[]}')],
    ['keys for encryption only', (response) => response.end(keySetFor('enc'))],
    ['secrets only', (response) => response.end('{"keys":[{"kty":"oct","k":"AAAA"}]}')],
    ['a redirect', (response) => response.writeHead(302, { location: '/elsewhere' }).end()],
    ['more than 256 KiB', (response) => response.end(keySet(newer) + ' '.repeat(300_000))],
  ])('stay in use if the issuer returns %s', async (_what, answer) => {
    issuer.publish(older);
    const authenticator = authenticatorWith({ JWT_JWKS_URL: url });
    expect(await present(authenticator, older)).toBe('sub');
    issuer.answer = answer;
    clock.advance(31_000);
    // A token with an unknown key ID waits for the fetch, so the fetch has happened.
    expect(await present(authenticator, newer)).toBe('UNAUTHENTICATED');
    expect(issuer.requests).toBe(2);
    expect(await present(authenticator, older)).toBe('sub');
  });

  it.each<[what: string, answer: IssuerServer['answer']]>([
    ['no response', () => undefined],
    ['half a response', (response) => void response.write('{')],
  ])('stay in use, without waiting, while the issuer sends %s', async (_what, answer) => {
    issuer.publish(older);
    const authenticator = authenticatorWith({ JWT_JWKS_URL: url });
    expect(await present(authenticator, older)).toBe('sub');
    issuer.answer = answer;
    clock.advance(11 * MINUTE);
    // The first of these starts a fetch that does not end.
    for (let n = 0; n < 3; n += 1) expect(await present(authenticator, older)).toBe('sub');
    await eventually(async () => (issuer.requests === 2 ? true : undefined));
    expect(await present(authenticator, older)).toBe('sub');
  });

  it('are given up on after a time limit if the issuer hangs', async () => {
    issuer.answer = (response) => void response.write('{');
    const authenticator = authenticatorWith({ JWT_JWKS_URL: url });
    expect(await present(authenticator, older)).toBe('OVERLOADED');
  });

  it('may lack the algorithm, and are used for those of their type only', async () => {
    const { alg: _, ...jwk } = older.jwk;
    issuer.answer = (response) => response.end(JSON.stringify({ keys: [{ kty: 'unknown' }, jwk] }));
    const authenticator = authenticatorWith({ JWT_JWKS_URL: url });
    expect(await present(authenticator, older)).toBe('sub');
    const other = await makeKey('RS256', 'older');
    expect(await present(authenticator, other)).toBe('UNAUTHENTICATED');
  });

  it('are fetched later if the issuer starts after the gateway', async () => {
    const authenticator = authenticatorWith({ JWT_JWKS_URL: url });
    // The token may be valid: its client must not discard it.
    expect(await present(authenticator, older)).toBe('OVERLOADED');
    issuer.publish(older);
    clock.advance(3_000);
    expect(await present(authenticator, older)).toBe('sub');
  });

  it('are not requested repeatedly from an issuer that is down', async () => {
    const authenticator = authenticatorWith({ JWT_JWKS_URL: url });
    for (let n = 0; n < 100; n++) expect(await present(authenticator, older)).toBe('OVERLOADED');
    expect(issuer.requests).toBe(1);
  });

  it('that are withdrawn invalidate even tokens that were accepted before', async () => {
    issuer.publish(older);
    const authenticator = authenticatorWith({ JWT_JWKS_URL: url });
    const exp = Math.floor(Date.now() / 1_000) + 86_400;
    const token = await sign(older, claims({ exp }));
    const again = (): Promise<string> =>
      outcome(authenticator.authenticate({ authorization: `Bearer ${token}`, address: '' }));
    expect(await again()).toMatch(/^sub:/);
    issuer.publish(newer);
    clock.advance(31_000);
    expect(await present(authenticator, newer)).toBe('sub');
    expect(await again()).toBe('UNAUTHENTICATED');
  });
});

describe('keys from a file', () => {
  it('are read again when the file changes, and the old ones stop working', async () => {
    const file = fixture.write('jwks.json', keySet(older));
    let changes = 0;
    let changed: () => void = () => undefined;
    const nextChange = new Promise<void>((resolve) => (changed = resolve));
    const keys = new JwksFile(file, () => {
      changes += 1;
      changed();
    });
    keys.start();
    fixture.write('jwks.json', keySet(newer));
    await nextChange;
    keys.close();
    expect(changes).toBe(1);
    expect(await keys.resolve({ alg: 'ES256', kid: 'newer' }, { payload: '', signature: '' })).toBeDefined();
    await expect(
      keys.resolve({ alg: 'ES256', kid: 'older' }, { payload: '', signature: '' }),
    ).rejects.toThrow();
  });

  it('stay in use after an invalid edit', async () => {
    const file = fixture.write('jwks.json', keySet(older));
    const keys = new JwksFile(file, () => undefined);
    fixture.write('jwks.json', '{"keys":[');
    keys.reload();
    expect(await keys.resolve({ alg: 'ES256', kid: 'older' }, { payload: '', signature: '' })).toBeDefined();
  });

  it.each(['', '{', '[]', '{"keys":{}}', '{"keys":[]}', '{"keys":[5]}', '{"keys":[{"kty":"oct"}]}'])(
    'prevent the start if the file contains %j',
    (content) => {
      const JWT_JWKS_FILE = fixture.write('jwks.json', content);
      expect(() => authenticatorWith({ JWT_JWKS_FILE })).toThrow(ConfigError);
      expect(() => authenticatorWith({ JWT_JWKS_FILE })).toThrow('JWT_JWKS_FILE');
    },
  );
});
