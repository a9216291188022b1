import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { ACME, ACME_KEY, type Answer, type Json } from '../support/gateway.js';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway-process.js';
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
const LIST = `query ($n: String!) { chatGroups(businessNumber: $n) { totalCount } }`;
const SECRET = 'Z'.repeat(43);
const PAST = Math.floor(Date.now() / 1_000) - 3_600;

const folder = mkdtempSync(join(tmpdir(), 'request-lines-'));
let gateway: GatewayProcess;
let key: SigningKey;
beforeAll(async () => {
  key = await makeKey('ES256', 'one');
  const JWT_JWKS_FILE = join(folder, 'jwks.json');
  writeFileSync(JWT_JWKS_FILE, keySet(key));
  const settings = { JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE, JWT_JWKS_FILE, CACHE_FRESH_MS: '0' };
  const uncached = { CACHE_STALE_WHILE_REVALIDATE_MS: '0', CACHE_STALE_IF_ERROR_MS: '0' };
  gateway = await startGatewayProcess({ ...settings, ...uncached }, ACME_KEY);
});
afterAll(async () => {
  await gateway.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => gateway.sandbox.clearFaults());

/** Returns the log line of a request. */
async function lineOf({ headers }: Answer): Promise<Json> {
  const id = headers.get('x-request-id') ?? '';
  return eventually(async () => {
    const lines = gateway.output().split('\n');
    const text = lines.find((line) => line.includes(id) && line.includes('"msg":"request"'));
    return text === undefined ? undefined : JSON.parse(text);
  });
}

/** The request that a client makes on each path through the gateway. */
const REQUESTS: Readonly<Record<string, (headers: Record<string, string>) => Promise<Answer>>> = {
  'a list over REST': (headers) => gateway.rest(GROUPS, { key: null, headers }),
  'a write over REST': (headers) =>
    gateway.rest(GROUPS, { key: null, headers, method: 'POST', body: { subject: 'Refused' } }),
  'a GraphQL query': (headers) => gateway.graphql(LIST, { n: ACME.businessNumber }, { key: null, headers }),
  'a GraphQL query by GET': (headers) =>
    gateway.rest('/graphql?query=%7B+viewer+%7B+tenantId+%7D+%7D', { key: null, headers }),
  'the schema': (headers) => gateway.rest('/schema.gql', { key: null, headers }),
};

describe.each(Object.entries(REQUESTS))('the refusal of %s', (_name, request) => {
  it.each<[fault: string, headers: Record<string, string>, noted: Json]>([
    ['missing', {}, { credentialKind: 'none' }],
    ['malformed_key', { 'x-api-key': 'cgk_acme' }, { credentialKind: 'key' }],
    ['unknown_key', { 'x-api-key': `cgk_nobody.${SECRET}` }, { credentialKind: 'key', keyId: 'nobody' }],
    ['unknown_key', { 'x-api-key': `cgk_${SECRET}.${SECRET}` }, { credentialKind: 'key' }],
    ['wrong_secret', { 'x-api-key': `cgk_acme.${SECRET}` }, { credentialKind: 'key', keyId: 'acme' }],
    ['malformed_token', { authorization: 'Bearer abc' }, { credentialKind: 'token' }],
    [
      'different_credentials',
      { authorization: `Bearer ${ACME_KEY}`, 'x-api-key': 'x' },
      { credentialKind: 'conflict', keyId: 'acme' },
    ],
  ])('is logged with its reason, which the response does not reveal: %s', async (fault, headers, noted) => {
    const answer = await request(headers);
    expect(await lineOf(answer)).toMatchObject({
      level: 'info',
      credentialFault: fault,
      address: '127.0.0.1',
      ...noted,
    });
    if (noted.keyId === undefined) expect(await lineOf(answer)).not.toHaveProperty('keyId');
    // Repeated attempts are limited. The log still has the reason.
    if (answer.status !== 429)
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    // The response does say that there are none.
    if (fault !== 'missing') expect(answer.text).not.toContain(fault);
  });

  it('tells an authentic token that it has expired', async () => {
    const authorization = `Bearer ${await sign(key, claims({ exp: PAST }))}`;
    const answer = await request({ authorization });
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer error="invalid_token", error_description="The token has expired"',
    ]);
    expect(answer.body.detail ?? answer.body.errors[0].message).toBe('The token has expired.');
    expect(await lineOf(answer)).toMatchObject({ credentialFault: 'expired_token', credentialKind: 'token' });
  });
});

describe('the log', () => {
  it('has no secrets', () => {
    const lines = gateway.output().split('\n');
    // The startup message shows the demo key on purpose.
    const log = lines.filter((line) => line.startsWith('{')).join('\n');
    for (const hidden of [SECRET, ACME_KEY.slice(9), 'eyJ']) expect(log).not.toContain(hidden);
  });

  it('has no fault for accepted credentials', async () => {
    const line = await lineOf(await gateway.rest('/v1/viewer'));
    expect([line.level, line.credentialFault, line.credentialKind, line.address]).toEqual([
      'info',
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('the line of a response', () => {
  const list = (): Promise<Answer> => gateway.rest(GROUPS);
  const query = (): Promise<Answer> => gateway.graphql(LIST, { n: ACME.businessNumber });
  const create = (): Promise<Answer> =>
    gateway.rest(GROUPS, { method: 'POST', body: { subject: 'Without a link', withInviteLink: true } });

  it.each<[what: string, send: () => Promise<Answer>, status: number, action: string]>([
    ['with status 502 over REST', list, 502, 'ListChatGroup'],
    ['with an error of status 502 in a GraphQL response with 200', query, 200, 'ListChatGroup'],
    ['with 201 whose invite link failed with 503', create, 201, 'AddChatGroupInviteLink'],
  ])('%s is a warning', async (_what, send, status, action) => {
    // The first GraphQL query goes through Apollo, the second through the fast path.
    for (let n = 0; n < 2; n += 1) {
      const kind = action === 'ListChatGroup' ? 'http500' : 'throttle';
      await gateway.sandbox.fault({ action, kind });
      const answer = await send();
      expect(answer.status).toBe(status);
      expect(await lineOf(answer)).toMatchObject({ level: 'warn', code: expect.stringMatching(/^UPSTREAM/) });
      await gateway.sandbox.clearFaults();
      if (action === 'ListChatGroup') expect(await lineOf(await send())).toMatchObject({ level: 'info' });
      if (status === 201) break;
    }
  });

  it.each<[what: string, send: () => Promise<Answer>]>([
    ['with status 404', () => gateway.rest(`${GROUPS}/no-such-group`)],
    ['with an error of status 404 in GraphQL', () => gateway.graphql('{ chatGroup(id: "x") { id } }')],
  ])('%s is not', async (_what, send) => {
    expect(await lineOf(await send())).toMatchObject({ level: 'info' });
  });
});
