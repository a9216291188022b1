import { MAX_PAGE_SIZE } from '../../src/chat-groups/model/page-size.js';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encodeChatGroupId } from '../../src/chat-groups/model/chat-group-id.js';
import { GLOBEX, GLOBEX_KEY, type Json } from '../support/gateway.js';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway-process.js';
import { MEMBER, OPERATIONS, TRANSPORTS, type Target, arrangeGroup, ask } from '../support/operations.js';

/** Values that must not appear in a log, sent wherever a caller or CAMS could put them. */
const CANARY = {
  number: '8615912345670',
  secret: 'canary-secret-'.padEnd(43, 'x'),
  token: `eyJhbGciOiJSUzI1NiJ9.${Buffer.from('{"sub":"canary"}').toString('base64url')}.c2lnbmF0dXJl`,
  link: 'https://chat.whatsapp.com/CanaryCanaryCanary',
  text: 'a subject of canaries',
};
const SAYING = `number ${CANARY.number} has ${CANARY.link} and ${CANARY.token}`;
const FAULTS = [
  { kind: 'reject', code: 'Unheard.Of', message: SAYING },
  { kind: 'http500', message: SAYING },
  { kind: 'raw', status: 200, body: `{"Code":"OK","RequestId":"r","Data":"${SAYING}"}` },
  { kind: 'raw', status: 502, body: `<html>${SAYING}</html>` },
  { kind: 'throttle' },
  { kind: 'reset' },
  { kind: 'reset-after-apply' },
  { kind: 'hang' },
  { kind: 'malformed' },
  { kind: 'ok-success-false' },
];

const folder = mkdtempSync(join(tmpdir(), 'redaction-'));
let gateway: GatewayProcess;
let target: Target;
/** Invite links that the groups had during the test. */
const links = new Set<string>();

beforeAll(async () => {
  const settings = {
    LOG_LEVEL: 'trace',
    CAMS_TIMEOUT_MS: '800',
    CAMS_QPS: '10000',
    CREATE_RESOLVE_TIMEOUT_MS: '50',
    JWT_ISSUER: 'https://issuer.example.com',
    JWT_AUDIENCE: 'gateway',
    JWT_JWKS_FILE: jwksFile(),
    TENANTS_FILE: 'test/support/tenants.redaction.yaml',
  };
  gateway = await startGatewayProcess(settings, GLOBEX_KEY);
  await everyOperation();
  for (const fault of FAULTS) {
    await gateway.sandbox.fault(fault);
    await everyOperation();
    await gateway.sandbox.clearFaults();
  }
  await whatCallersSend();
});
afterAll(async () => {
  await gateway.close();
  rmSync(folder, { recursive: true });
});

function jwksFile(): string {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = { ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' };
  const path = join(folder, 'jwks.json');
  writeFileSync(path, JSON.stringify({ keys: [key] }));
  return path;
}

async function everyOperation(): Promise<void> {
  for (const transport of TRANSPORTS) {
    target = await arrangeGroup(gateway, GLOBEX);
    const groups: readonly Json[] = await gateway.sandbox.groups(GLOBEX);
    for (const { inviteLink } of groups) if (inviteLink) links.add(inviteLink);
    await gateway.rest(
      `/v1/spaces/cams-globex/numbers/${GLOBEX.businessNumber}/groups?size=${MAX_PAGE_SIZE}`,
    );
    // The delete comes last: the others need the group.
    const inOrder = OPERATIONS.toSorted(
      (a, b) => Number(a.name === 'delete a group') - Number(b.name === 'delete a group'),
    );
    for (const operation of inOrder) await ask(gateway, transport, operation, target);
  }
}

async function whatCallersSend(): Promise<void> {
  const foreign = {
    ...target,
    businessNumber: CANARY.number,
    custSpaceId: CANARY.number,
    groupId: CANARY.number,
  };
  for (const transport of TRANSPORTS)
    for (const operation of OPERATIONS) await ask(gateway, transport, operation, foreign);
  const keys = [
    `cgk_canary.${CANARY.secret}`,
    `cgk_globex.${CANARY.secret}`,
    CANARY.token,
    CANARY.secret,
    CANARY.number,
  ];
  for (const key of keys) {
    await gateway.rest('/v1/viewer', { key });
    await gateway.rest('/v1/viewer', { key: GLOBEX_KEY, headers: { 'x-api-key': key } });
    await gateway.rest(`/v1/${key}/${CANARY.link}?q=${key}`, { headers: { 'x-request-id': CANARY.number } });
  }
  await gateway.graphql(`query Op${CANARY.number} { chatGroup(id: "${encodeChatGroupId(foreign)}") { id } }`);
  await gateway.graphql(`{ chatGroups(businessNumber: ${CANARY.number}) { totalCount } }`);
  await gateway.graphql(`query ($n: Int) { a: viewer @include(if: $n) { tenantId } }`, { n: SAYING });
  await gateway.rest(`/v1/spaces/cams-globex/numbers/${GLOBEX.businessNumber}/groups`, {
    method: 'POST',
    body: { subject: CANARY.text, description: SAYING, [CANARY.number]: CANARY.link },
  });
}

describe('the log', () => {
  /** Only log lines are JSON. The startup message is not; it shows the demo key and addresses on purpose. */
  const lines = (): Json[] =>
    gateway
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));

  it('has a line for every request', () => {
    const requests = lines().filter(({ msg }) => msg === 'request');
    const operations = FAULTS.length * 2 * OPERATIONS.length;
    expect(requests.length).toBeGreaterThan(operations);
    for (const line of requests)
      expect(line).toMatchObject({ requestId: expect.any(String), status: expect.any(Number) });
    expect(new Set(requests.map(({ status }) => Math.floor(status / 100)))).toEqual(new Set([2, 4, 5]));
  });

  it('contains the template of a route, never its path', () => {
    const routes = new Set(lines().flatMap(({ route }) => route ?? []));
    expect(routes).toContain('/v1/spaces/:custSpaceId/numbers/:businessNumber/groups/:groupId');
    expect([...routes].filter((route) => /\d{5}|cams-/.test(route))).toEqual([]);
  });

  it.each([
    ['business numbers', () => [GLOBEX.businessNumber]],
    ['member numbers', () => [MEMBER, '8613700000098']],
    ['numbers that callers or CAMS mention', () => [CANARY.number]],
    [
      'opaque ids',
      () => [encodeChatGroupId(target), Buffer.from(GLOBEX.businessNumber).toString('base64url')],
    ],
    ['keys', () => [GLOBEX_KEY, 'B'.repeat(43), CANARY.secret, 'sandbox-secret', 'sandbox-pepper']],
    ['tokens', () => [CANARY.token, CANARY.token.split('.')[1] ?? '']],
    ['invite links', () => [CANARY.link, 'chat.whatsapp.com', ...links]],
    ['upstream URLs', () => [new URL(gateway.sandbox.url).host, 'BusinessNumber=', 'x-acs-', 'Signature']],
    ['group subjects', () => [CANARY.text, 'Kyoto in May']],
  ])('contains none of the %s', (_, canaries) => {
    // The line of the start says where the sandbox is.
    const log = lines()
      .filter(({ msg }) => msg !== 'started')
      .map((line) => JSON.stringify(line));
    expect(log.length).toBeGreaterThan(200);
    for (const canary of canaries()) {
      expect(canary.length).toBeGreaterThan(4);
      expect(log.filter((line) => line.includes(canary)).slice(0, 3)).toEqual([]);
    }
  });
});
