import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { GroupIndex } from '../../src/chat-groups/reads/group-index.js';
import { SANDBOX_CREDENTIALS } from '../../src/config/config.js';
import { accountWith, clientOf, scopeOf } from '../support/cams-callers.js';
import {
  ACME,
  ACME_KEY,
  GLOBEX,
  GLOBEX_KEY,
  READONLY_KEY,
  type TestGateway,
  startTestGateway,
} from '../support/gateway.js';
import { UNKNOWN, fingerprint, letGlobexWork, lookUp, nothingBut } from '../support/isolation-check.js';
import { SHAPES, type Shape, asItIs } from '../support/isolation-shapes.js';
import { type Tokens, makeTokens } from '../support/isolation-tokens.js';
import {
  OPERATIONS,
  TRANSPORTS,
  type Outcome,
  type Target,
  type Transport,
  arrangeGroup,
  ask,
  operation,
} from '../support/operations.js';
import type { SandboxGroup } from '../support/sandbox-control.js';

const OF_GROUP = OPERATIONS.filter(({ ofGroup }) => ofGroup);
const WRITES_OF_GROUP = OF_GROUP.filter(({ kind }) => kind === 'write');
/** More groups than fit on one page, so that a scan takes two calls. */
const MORE_GROUPS = 60;
const SCAN_CALLS = 2;
const SCAN_INTERVAL_MS = 2_000;

let tokens: Tokens;
let gateway: TestGateway;
let own: Target;
let foreign: Target;

beforeAll(async () => {
  tokens = await makeTokens();
  gateway = await startTestGateway({
    TENANTS_FILE: 'test/support/isolation-tenants.yaml',
    ...tokens.settings,
  });
  await gateway.sandbox.changeGroup({ op: 'create', ...ACME, subject: 'More', count: MORE_GROUPS });
  own = await arrangeGroup(gateway, ACME);
  foreign = await arrangeGroup(gateway, GLOBEX);
  await letGlobexWork(gateway, foreign);
});
afterAll(async () => {
  await gateway.close();
  tokens.close();
});

describe.each(TRANSPORTS)('over %s', (transport) => {
  let groupsOfGlobex: SandboxGroup[];

  beforeAll(async () => {
    groupsOfGlobex = await gateway.sandbox.groups(GLOBEX);
  });
  afterEach(async () => {
    expect(await gateway.sandbox.groups(GLOBEX)).toEqual(groupsOfGlobex);
  });

  it.each(SHAPES)(
    'does not distinguish names of other tenants from unknown ones: $part $what',
    async (shape) => {
      const operations = shape.part === 'group' ? OF_GROUP : OPERATIONS;
      const seen = await lookUp({ gateway, transport, operations }, shape, own, namesIn(shape));
      expect(seen).toEqual(nothingBut(shape.refusal[transport], operations));
    },
  );

  it.each(['space', 'number', 'everything'] as const)(
    'hides names of other tenants before it reports a missing permission: %s',
    async (part) => {
      const asking = { gateway, transport, operations: OPERATIONS, key: READONLY_KEY };
      const seen = await lookUp(asking, asItIs(part), own, [foreign, UNKNOWN]);
      expect(seen).toEqual(nothingBut('NOT_FOUND', OPERATIONS));
    },
  );

  it('looks up no group for a caller without the permission', async () => {
    const asking = { gateway, transport, operations: WRITES_OF_GROUP, key: READONLY_KEY };
    const seen = await lookUp(asking, asItIs('group'), own, [own, foreign, UNKNOWN]);
    expect(seen).toEqual(nothingBut('FORBIDDEN', WRITES_OF_GROUP));
  });

  it.each([
    ['no space', []],
    ['a space of another tenant', [GLOBEX.custSpaceId]],
  ])('hides every space from a token restricted to %s', async (_, spaces) => {
    const asking = { gateway, transport, operations: OPERATIONS, key: await tokens.forSpaces(spaces) };
    const seen = await lookUp(asking, asItIs('everything'), own, [own, foreign, UNKNOWN]);
    expect(seen).toEqual(nothingBut('NOT_FOUND', OPERATIONS));
    const key = await tokens.forSpaces([ACME.custSpaceId]);
    const { error } = await ask(gateway, transport, operation('list groups'), own, { key });
    expect(error).toBeUndefined();
  });

  it('hides the operations of other tenants', async () => {
    const subject = `Seen by acme over ${transport}`;
    const { data } = await ask(gateway, 'GraphQL', operation('create a group'), { ...own, subject });
    const { id } = data.operation;
    expect((await askOperation(transport, id, ACME_KEY)).error).toBeUndefined();
    await gateway.sandbox.forgetCalls();
    const others = [id, `op_${'A'.repeat(22)}`].map((each) => askOperation(transport, each, GLOBEX_KEY));
    const [theirs, unknown] = await Promise.all(others);
    expect(theirs?.error).toMatchObject({ code: 'NOT_FOUND', status: 404 });
    expect(fingerprint(theirs ?? none())).toBe(fingerprint(unknown ?? none()));
    expect(await gateway.sandbox.actions()).toEqual([]);
  });
});

it('refuses a space that is smuggled in next to the one in the path', async () => {
  const path = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;
  await gateway.sandbox.forgetCalls();
  const answers = [
    await gateway.rest(`${path}?custSpaceId=${GLOBEX.custSpaceId}&CustSpaceId=${GLOBEX.custSpaceId}`),
    await gateway.rest(path, { method: 'POST', body: { subject: 'Smuggled', ...GLOBEX } }),
    await gateway.rest(`${path}/${own.groupId}`, {
      method: 'PATCH',
      body: { subject: 'Smuggled', groupId: foreign.groupId },
    }),
  ];
  expect(answers.map(({ body }) => body.code)).toEqual(answers.map(() => 'VALIDATION_FAILED'));
  expect(await gateway.sandbox.actions()).toEqual([]);
});

it.each([
  ['concurrently', askAtOnce],
  ['one after another', askOneByOne],
])('scans at most once every two seconds for 500 unknown IDs, requested %s', async (_, askAll) => {
  const { codes, actions, intervals } = await watch(async () => askAll(500));
  expect([...new Set(codes)]).toEqual(['NOT_FOUND']);
  expect(actions.filter((action) => action !== 'ListChatGroup')).toEqual([]);
  expect(actions.length).toBeLessThanOrEqual(SCAN_CALLS * (intervals + 1));
});

describe('the group of another tenant', () => {
  let victim: Target;

  const groupOfVictim = async (): Promise<SandboxGroup | undefined> =>
    (await gateway.sandbox.groups(GLOBEX)).find(({ groupId }) => groupId === victim.groupId);

  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('can be updated and deleted in CAMS by any number of the account', async () => {
    victim = await arrangeGroup(gateway, GLOBEX);
    const { client } = clientOf(gateway.sandbox.url);
    const scope = scopeOf('acme', accountWith({ kind: 'static', ...SANDBOX_CREDENTIALS }));
    const { groupId } = victim;
    await client.call(scope, 'updateChatGroup', { groupId, subject: 'Taken over' });
    expect((await groupOfVictim())?.subject).toBe('Taken over');
    await client.call(scope, 'deleteChatGroup', { groupId });
    expect(await groupOfVictim()).toBeUndefined();
  });

  it.each(TRANSPORTS.flatMap((transport) => WRITES_OF_GROUP.map((one) => ({ ...one, transport }))))(
    'is protected only by the ownership check: $name over $transport',
    async ({ transport, ...one }) => {
      victim = await arrangeGroup(gateway, GLOBEX);
      const before = await groupOfVictim();
      const asking = { gateway, transport, operations: [one] };
      const seen = await lookUp(asking, asItIs('group'), own, [victim]);
      expect(seen).toEqual(nothingBut('NOT_FOUND', [one]));
      expect(await groupOfVictim()).toEqual(before);

      // With an ownership check that accepts every group, the request is executed and the checks above would fail.
      jest.spyOn(GroupIndex.prototype, 'get').mockReturnValue({ pageIndex: undefined, firstSeenAtMs: 0 });
      const broken = await lookUp(asking, asItIs('group'), own, [victim]);
      expect(broken.calls).toContain(one.action);
      expect(await groupOfVictim()).not.toEqual(before);
    },
  );
});

it('attempts at most one scan every two seconds for 2 × 100 unknown IDs while CAMS fails', async () => {
  await gateway.sandbox.fault({ kind: 'http500', action: 'ListChatGroup' });
  // No number of globex was scanned before.
  const { codes, actions, intervals } = await watch(async () => [
    ...(await askAtOnce(100, foreign, GLOBEX_KEY)),
    ...(await askAtOnce(100, foreign, GLOBEX_KEY)),
  ]);
  expect([...new Set(codes)]).toEqual(['UPSTREAM_UNAVAILABLE']);
  // A list that fails is sent once more.
  expect(actions.length).toBeLessThanOrEqual(2 * (intervals + 1));
});

/** Returns the names that are wrong in this shape, including the caller's name unless it is written unchanged. */
function namesIn({ what }: Shape): readonly Target[] {
  return what === 'as it is' ? [foreign, UNKNOWN] : [own, foreign, UNKNOWN];
}

/** Reads the status of a create operation over the given transport. */
async function askOperation(transport: Transport, id: string, key: string): Promise<Outcome> {
  const one = {
    ...operation('list groups'),
    rest: () => ({ method: 'GET', path: `/v1/operations/${id}` }),
    graphql: () => ({ query: 'query ($id: ID!) { operation(id: $id) { id status } }', variables: { id } }),
    field: 'operation',
  };
  return ask(gateway, transport, one, own, { key });
}

/** Requests a group that does not exist, with another ID, transport and operation each time. */
async function askUnknown(index: number, scope = own, key = ACME_KEY): Promise<string> {
  const cases = TRANSPORTS.flatMap((transport) => OF_GROUP.map((one) => ({ one, transport })));
  const { one, transport } = cases[index % cases.length] ?? none();
  const groupId = randomBytes(12).toString('hex').toUpperCase();
  return String((await ask(gateway, transport, one, { ...scope, groupId }, { key })).error?.code);
}

async function askAtOnce(count: number, scope?: Target, key?: string): Promise<string[]> {
  return Promise.all(Array.from({ length: count }, async (_, index) => askUnknown(index, scope, key)));
}

async function askOneByOne(count: number): Promise<string[]> {
  const codes: string[] = [];
  while (codes.length < count) codes.push(await askUnknown(codes.length));
  return codes;
}

/** Returns the error codes and upstream calls of a run, and the number of whole scan intervals it took. */
async function watch(
  run: () => Promise<string[]>,
): Promise<{ codes: string[]; actions: string[]; intervals: number }> {
  await gateway.sandbox.forgetCalls();
  const startedAtMs = performance.now();
  const codes = await run();
  const intervals = Math.floor((performance.now() - startedAtMs) / SCAN_INTERVAL_MS);
  return { codes, actions: await gateway.sandbox.actions(), intervals };
}

function none(): never {
  throw new Error('Not found.');
}
