import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ACME, type Answer, startTestGateway, type TestGateway } from '../support/gateway.js';
import { acmeFile } from '../support/tenancy-fixture.js';
import { type Forgery, forgeries } from '../support/tenancy-forgeries.js';
import {
  AUDIENCE,
  claims,
  ISSUER,
  keySet,
  makeKey,
  sign,
  type SigningKey,
} from '../support/tenancy-issuer.js';

const GROUPS = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;
const CREATE = 'mutation ($i: CreateChatGroupInput!) { createChatGroup(input: $i) { chatGroup { id } } }';
const ALL = 'groups:read groups:write groups:delete groups:invite';

const folder = mkdtempSync(join(tmpdir(), 'forged-tokens-'));
let signers: SigningKey[];
let forged: Forgery[];
let gateway: TestGateway;
beforeAll(async () => {
  signers = await Promise.all(['RS256', 'ES256', 'EdDSA'].map((alg) => makeKey(alg, `key-${alg}`)));
  forged = await forgeries(signers, 3_600);
  const JWT_JWKS_FILE = join(folder, 'jwks.json');
  const TENANTS_FILE = join(folder, 'tenants.yaml');
  writeFileSync(JWT_JWKS_FILE, keySet(...signers));
  writeFileSync(TENANTS_FILE, acmeFile());
  // Each token comes from another client, so that none is limited.
  const settings = { JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE, JWT_JWKS_FILE, TRUST_PROXY: '127.0.0.1' };
  gateway = await startTestGateway({ ...settings, TENANTS_FILE });
});
afterAll(async () => {
  await gateway.close();
  rmSync(folder, { recursive: true });
});

let clients = 0;
/** The requests that a thief of an invite link, or of a group, would make. */
const REQUESTS: Readonly<Record<string, (token: string) => Promise<Answer>>> = {
  'a list over REST': (token) => gateway.rest(GROUPS, from(token)),
  'a write over REST': (token) =>
    gateway.rest(GROUPS, { ...from(token), method: 'POST', body: { subject: 'Forged' } }),
  'a mutation': (token) => gateway.graphql(CREATE, { i: { ...ACME, subject: 'Forged' } }, from(token)),
};

function from(token: string) {
  clients += 1;
  const address = `10.${clients >> 16}.${(clients >> 8) & 255}.${clients & 255}`;
  return { key: null, headers: { authorization: `Bearer ${token}`, 'x-forwarded-for': address } };
}

it.each(Object.entries(REQUESTS))('no forged token reaches the handler of %s', async (_, request) => {
  const before = (await gateway.sandbox.calls()).length;
  const others: string[] = [];
  // A header can only carry these.
  const sendable = forged.filter(({ token }) => /^[\x21-\x7e]*$/.test(token));
  for (const { what, token } of sendable) {
    const { status } = await request(token);
    if (status !== 401) others.push(`${what}: ${status}`);
  }
  expect(others).toEqual([]);
  expect(sendable.length).toBeGreaterThanOrEqual(250);
  const calls = (await gateway.sandbox.calls()).slice(before);
  // The check of the account at the start may be among them.
  expect(calls.filter(({ action }) => action !== 'ListChatGroup')).toEqual([]);
  expect(calls.length).toBeLessThanOrEqual(1);
});

it.each(Object.entries(REQUESTS))('a genuine token reaches the handler of %s', async (_, request) => {
  for (const signer of signers) {
    const answer = await request(await sign(signer, claims({ scope: ALL })));
    // The subject is taken after the first one.
    expect([200, 201, 202, 409]).toContain(answer.status);
    expect(answer.text).toMatch(/custSpaceId|"chatGroup":|CONFLICT/);
  }
});

it('a genuine token passes from an address that is limited after forged ones', async () => {
  const send = async (token: string): Promise<number> => {
    const headers = { authorization: `Bearer ${token}`, 'x-forwarded-for': '203.0.113.7' };
    return (await gateway.rest('/v1/viewer', { key: null, headers })).status;
  };
  const statuses = new Set<number>();
  for (const { token } of forged.slice(0, 60)) statuses.add(await send(token));
  expect(statuses).toEqual(new Set([401, 429]));
  for (const signer of signers) expect(await send(await sign(signer))).toBe(200);
});
