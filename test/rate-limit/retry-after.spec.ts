import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { ACME, type Json, type TestGateway, startTestGateway } from '../support/gateway.js';
import {
  OPERATIONS,
  type OperationCase,
  TRANSPORTS,
  type Target,
  arrangeGroup,
  ask,
  learn,
} from '../support/operations.js';
import type { Fault } from '../support/sandbox-control.js';

const operation = (name: string): OperationCase =>
  OPERATIONS.find((one) => one.name === name) as OperationCase;
const UNCACHED = {
  CACHE_FRESH_MS: '0',
  CACHE_STALE_WHILE_REVALIDATE_MS: '0',
  CACHE_STALE_IF_ERROR_MS: '0',
};

let gateway: TestGateway;
// New for each test, because a throttle slows the account down for a while.
beforeEach(async () => {
  gateway = await startTestGateway({ TENANTS_FILE: 'test/support/tenants.deletes.yaml', ...UNCACHED });
});
afterEach(() => gateway.close());

async function ownedGroup(): Promise<Target> {
  const target = await arrangeGroup(gateway, ACME);
  await learn(gateway, target);
  return target;
}

/** Returns the error of an operation, and the header of its response. */
async function refusal(
  transport: (typeof TRANSPORTS)[number],
  one: OperationCase,
  target: Target,
): Promise<{ readonly error: Json; readonly status: number; readonly header: string | null }> {
  const { answer } = await ask(gateway, transport, one, target);
  const { status, headers, body } = answer;
  return { error: body.errors?.[0].extensions ?? body, status, header: headers.get('retry-after') };
}

it.each<[string, string, Fault, number]>([
  ['a throttled read', 'list groups', { kind: 'throttle', ms: 41_500 }, 42],
  ['a throttled write', 'create an invite link', { kind: 'throttle', ms: 1_200 }, 2],
])('%s says alike on both transports how long to wait', async (_what, name, fault, seconds) => {
  const one = operation(name);
  const target = await ownedGroup();
  await gateway.sandbox.fault({ ...fault, action: one.action });
  const rest = await refusal('REST', one, target);
  expect([rest.error.code, rest.error.retryAfter, rest.header]).toEqual([
    'UPSTREAM_THROTTLED',
    seconds,
    String(seconds),
  ]);
  const graphql = await refusal('GraphQL', one, target);
  expect([graphql.status, graphql.header]).toEqual([200, null]);
  expect(graphql.error.code).toBe('UPSTREAM_THROTTLED');
  // CAMS asked for a long pause a moment ago, so this one is not sent; after a short pause, it is.
  expect([seconds - 1, seconds]).toContain(graphql.error.retryAfter);
});

it('a delete above the hourly limit says alike on both transports how long to wait', async () => {
  const one = operation('delete a group');
  expect((await ask(gateway, 'REST', one, await ownedGroup())).answer.status).toBe(204);
  const target = await ownedGroup();
  const rest = await refusal('REST', one, target);
  expect([rest.status, rest.error.code, String(rest.error.retryAfter)]).toEqual([
    429,
    'RATE_LIMITED',
    rest.header,
  ]);
  const { error } = await refusal('GraphQL', one, target);
  expect(error.code).toBe('RATE_LIMITED');
  expect(error.retryAfter).toBeGreaterThan(3_500);
  expect(error.retryAfter).toBeLessThanOrEqual(3_600);
});

it('an error that waiting does not solve has no time', async () => {
  for (const transport of TRANSPORTS) {
    const { error } = await refusal(transport, operation('delete a group'), { ...ACME, groupId: 'unknown' });
    expect([error.code, 'retryAfter' in error]).toEqual(['NOT_FOUND', false]);
  }
});
