import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Authenticator } from '../../src/tenancy/auth/authenticator.js';
import { startClock, stopClock } from '../support/tenancy-clock.js';
import { acmeFile, keyLine, outcome, SECRET_A, TenancyFixture } from '../support/tenancy-fixture.js';

const KEY = `cgk_web.${SECRET_A}`;
const WRONG = `cgk_web.${'Z'.repeat(43)}`;
const FAILURES = 'gateway_authentication_failures_total';

let fixture: TenancyFixture;
let clock: { advance: (ms: number) => void };

beforeEach(() => {
  fixture = new TenancyFixture();
  fixture.write('tenants.yaml', acmeFile());
  clock = stopClock();
});
afterEach(() => {
  startClock();
  fixture.close();
});

function tryKey(authenticator: Authenticator, apiKey: string, address = '192.0.2.1'): Promise<string> {
  return outcome(authenticator.authenticate({ apiKey, address }));
}

async function failTimes(times: number, authenticator: Authenticator, address?: string): Promise<string[]> {
  const outcomes: string[] = [];
  for (let n = 0; n < times; n++) outcomes.push(await tryKey(authenticator, WRONG, address));
  return outcomes;
}

describe('an API key', () => {
  it('yields its tenant, its permissions and all spaces of the tenant', async () => {
    const principal = await fixture.authenticator().authenticate({ apiKey: KEY, address: '' });
    expect(principal).toMatchObject({ id: 'key:web', tenant: { id: 'acme' } });
    expect([...principal.permissions]).toEqual(['groups:read', 'groups:write']);
    expect([...principal.spaces.keys()]).toEqual(['cams-acme', 'cams-acme-2']);
  });

  it('works until it expires', async () => {
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    fixture.write('tenants.yaml', acmeFile(keyLine('web', SECRET_A, `expiresAt: ${expiresAt}`)));
    const authenticator = fixture.authenticator();
    expect(await tryKey(authenticator, KEY)).toBe('key:web');
    clock.advance(60_000);
    expect(await tryKey(authenticator, KEY)).toBe('UNAUTHENTICATED');
  });

  it('stops working at once when a reload removes it or changes its digest', async () => {
    const directory = fixture.directory();
    const authenticator = fixture.authenticator(undefined, directory);
    expect(await tryKey(authenticator, KEY)).toBe('key:web');
    fixture.write('tenants.yaml', acmeFile(keyLine('web', 'Y'.repeat(43))));
    await directory.reload();
    expect(await tryKey(authenticator, KEY)).toBe('UNAUTHENTICATED');
    fixture.write('tenants.yaml', acmeFile(''));
    await directory.reload();
    expect(await tryKey(authenticator, KEY)).toBe('UNAUTHENTICATED');
  });

  it('is bound to the pepper', async () => {
    const config = fixture.config({ API_KEY_PEPPER: 'another pepper' });
    expect(await tryKey(fixture.authenticator(config), KEY)).toBe('UNAUTHENTICATED');
  });

  it.each([
    ['acme', 'A', 6],
    ['globex', 'B', 6],
    ['acme-readonly', 'C', 1],
  ])('of a demo tenant works in the sandbox: %s', async (id, letter, permissions) => {
    fixture.write('tenants.yaml', readFileSync('config/tenants.sandbox.yaml', 'utf8'));
    const apiKey = `cgk_${id}.${letter.repeat(43)}`;
    const principal = await fixture.authenticator().authenticate({ apiKey, address: '' });
    expect([principal.id, principal.permissions.size]).toEqual([`key:${id}`, permissions]);
  });
});

describe('a refusal', () => {
  it('of the expired demo key says so', async () => {
    fixture.write('tenants.yaml', readFileSync('config/tenants.sandbox.yaml', 'utf8'));
    const apiKey = `cgk_acme-expired.${'D'.repeat(43)}`;
    await expect(fixture.authenticator().authenticate({ apiKey, address: '' })).rejects.toMatchObject({
      detail: 'The API key has expired.',
    });
  });

  it.each<[what: string, credentials: { authorization?: string; apiKey?: string }, kind: string]>([
    ['a wrong secret', { apiKey: WRONG }, 'key'],
    ['an unknown key id', { apiKey: KEY.replace('web', 'other') }, 'key'],
    ['a malformed key', { apiKey: 'cgk_web' }, 'key'],
    ['a malformed header', { authorization: 'Basic YTpi' }, 'token'],
    ['an invalid token', { authorization: 'Bearer abc' }, 'token'],
  ])('of %s has the same detail as any other and is counted', async (_what, credentials, kind) => {
    const attempt = fixture.authenticator().authenticate({ ...credentials, address: '' });
    await expect(attempt).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      detail: 'The credentials are not valid.',
    });
    expect(await fixture.counted(FAILURES, 'kind', kind)).toBe(1);
  });

  it('of a request without credentials says so', async () => {
    const attempt = fixture.authenticator().authenticate({ address: '' });
    await expect(attempt).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      detail: 'Credentials are missing.',
    });
    expect(await fixture.counted(FAILURES, 'kind', 'none')).toBe(1);
  });
});

describe('after too many failures', () => {
  it('rate-limits the same credentials from the same address', async () => {
    const authenticator = fixture.authenticator();
    expect(new Set(await failTimes(10, authenticator))).toEqual(new Set(['UNAUTHENTICATED']));
    clock.advance(20_000);
    await expect(authenticator.authenticate({ apiKey: WRONG, address: '192.0.2.1' })).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      options: { retryAfterSeconds: 40 },
    });
    expect(await fixture.counted(FAILURES, 'kind', 'limited')).toBe(1);
  });

  it('still accepts the right secret', async () => {
    const authenticator = fixture.authenticator();
    expect(await failTimes(20, authenticator)).toContain('RATE_LIMITED');
    expect(await tryKey(authenticator, KEY)).toBe('key:web');
  });

  it('counts the failures of other addresses and other keys separately', async () => {
    const authenticator = fixture.authenticator();
    await failTimes(20, authenticator);
    expect(await tryKey(authenticator, WRONG, '192.0.2.2')).toBe('UNAUTHENTICATED');
    expect(await tryKey(authenticator, WRONG.replace('web', 'other'))).toBe('UNAUTHENTICATED');
  });

  it('responds to an unknown key ID as to a known one', async () => {
    const authenticator = fixture.authenticator();
    const unknown: string[] = [];
    for (let n = 0; n < 12; n++) unknown.push(await tryKey(authenticator, WRONG.replace('web', 'other')));
    expect(unknown).toEqual(await failTimes(12, authenticator));
  });

  it('resets the counters after a minute', async () => {
    const authenticator = fixture.authenticator();
    await failTimes(20, authenticator);
    clock.advance(60_000);
    expect(await tryKey(authenticator, WRONG)).toBe('UNAUTHENTICATED');
  });

  it('evicts the counters of made-up key IDs instead of accumulating them', async () => {
    const authenticator = fixture.authenticator();
    await failTimes(20, authenticator);
    for (let n = 0; n < 10_000; n++)
      await tryKey(authenticator, WRONG.replace('web', `id-${n}`), `10.0.${n >> 8}.${n & 255}`);
    expect(await tryKey(authenticator, WRONG)).toBe('UNAUTHENTICATED');
  });

  it('limits an address, whatever the credentials, but never valid ones', async () => {
    const authenticator = fixture.authenticator();
    const attempts = Array.from({ length: 60 }, (_, n): { authorization?: string; apiKey?: string } => {
      if (n % 3 === 0) return { authorization: `Bearer a.${n}.c` };
      return { apiKey: n % 3 === 1 ? WRONG.replace('web', `id-${n}`) : `cgk_malformed-${n}` };
    });
    const outcomes: string[] = [];
    for (const credentials of attempts)
      outcomes.push(await outcome(authenticator.authenticate({ ...credentials, address: '192.0.2.1' })));
    expect(outcomes).toEqual([
      ...Array<string>(50).fill('UNAUTHENTICATED'),
      ...Array<string>(10).fill('RATE_LIMITED'),
    ]);
    await expect(authenticator.authenticate({ apiKey: WRONG, address: '192.0.2.1' })).rejects.toMatchObject({
      detail: 'Too many failed credentials from your address.',
      options: { retryAfterSeconds: 60, refused: { fault: 'wrong_secret', keyId: 'web' } },
    });
    expect(await tryKey(authenticator, KEY)).toBe('key:web');
    expect(await tryKey(authenticator, WRONG, '192.0.2.2')).toBe('UNAUTHENTICATED');
  });

  it.each([
    ['of one IPv6 network', '2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff', 'RATE_LIMITED'],
    ['of another IPv6 network', '2001:db8:1:2::1', '2001:db8:1:3::1', 'UNAUTHENTICATED'],
    ['in another spelling', '192.0.2.1', '::ffff:192.0.2.1', 'RATE_LIMITED'],
  ])('counts addresses %s', async (_what, first, second, expected) => {
    const authenticator = fixture.authenticator();
    await failTimes(10, authenticator, first);
    expect(await tryKey(authenticator, WRONG, second)).toBe(expected);
  });
});
