import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ACME,
  GLOBEX,
  type Json,
  type RequestOptions,
  type TestGateway,
  startTestGateway,
} from '../support/gateway.js';

const NUMBERS = ['8613800000011', ACME.businessNumber, '8613800000012'];
const QUERY = `query ($numbers: [String!], $status: ChatGroupStatus, $first: Int, $after: String, $last: Int, $before: String, $offset: Int) {
  spaceChatGroups(businessNumbers: $numbers, status: $status, first: $first, after: $after, last: $last, before: $before, offset: $offset) {
    totalCount stale
    edges { cursor node { groupId businessNumber } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

let gateway: TestGateway;
/** Number and ID of every group, in the order of the joined list. */
let all: string[];

beforeAll(async () => {
  gateway = await startTestGateway({
    CAMS_PAGE_SIZE: '20',
    TENANTS_FILE: 'test/support/isolation-tenants.yaml',
  });
});
afterAll(() => gateway.close());
beforeEach(async () => {
  await gateway.sandbox.reset();
  for (const [businessNumber, count] of [
    ['8613800000011', 25],
    ['8613800000012', 3],
  ] as const)
    await gateway.sandbox.createGroups(count, { ...ACME, businessNumber, subject: 'Group' });
  all = await listed();
});

const nameOf = (businessNumber: string, groupId: string): string => `${businessNumber} ${groupId}`;

async function listed(): Promise<string[]> {
  const lists = await Promise.all(
    NUMBERS.map(async (businessNumber) =>
      (await gateway.sandbox.groups({ ...ACME, businessNumber })).map(({ groupId }) =>
        nameOf(businessNumber, groupId),
      ),
    ),
  );
  return lists.flat();
}

async function ask(variables: Record<string, unknown>, options: RequestOptions = {}): Promise<Json> {
  return (await gateway.graphql(QUERY, { numbers: NUMBERS, ...variables }, options)).body;
}

async function list(variables: Record<string, unknown>): Promise<Json> {
  const { data, errors } = await ask(variables);
  expect(errors).toBeUndefined();
  const { edges, ...rest } = data.spaceChatGroups;
  const names = edges.map(({ node }: Json) => nameOf(node.businessNumber, node.groupId));
  return { ...rest, names, cursors: edges.map(({ cursor }: Json) => cursor) };
}

describe.each([
  ['forward', 'first', 'after', 'hasNextPage', 'endCursor'],
  ['backward', 'last', 'before', 'hasPreviousPage', 'startCursor'],
])('a walk %s', (_direction, size, cursor, more, next) => {
  it.each([1, 7, 20, 26, 100])('shows every group of every number once, %i at a time', async (count) => {
    const shown: string[][] = [];
    for (let from: Record<string, unknown> = {}; ;) {
      const page = await list({ [size]: count, ...from });
      shown.push(page.names);
      expect(page.totalCount).toBe(all.length);
      if (!page.pageInfo[more]) break;
      from = { [cursor]: page.pageInfo[next] };
    }
    expect((size === 'first' ? shown : shown.toReversed()).flat()).toEqual(all);
  });

  it('skips no group if others are deleted meanwhile, on the same number and on others', async () => {
    const shown = new Set<string>();
    for (let from: Record<string, unknown> = {}, step = 0; ; step += 1) {
      const page = await list({ [size]: 10, ...from });
      for (const name of page.names) shown.add(name);
      if (!page.pageInfo[more]) break;
      from = { [cursor]: page.pageInfo[next] };
      // One group of each number that has enough of them, at the end that the walk comes from.
      for (const businessNumber of NUMBERS.slice(0, 2)) {
        const groups = await gateway.sandbox.groups({ ...ACME, businessNumber });
        const groupId = groups.at(size === 'first' ? step : -1 - step)?.groupId;
        if (groupId !== undefined) await gateway.sandbox.changeGroup({ op: 'delete', groupId });
      }
    }
    expect((await listed()).filter((name) => !shown.has(name))).toEqual([]);
  });
});

it('gives a group the cursor that it has in the list of its number', async () => {
  const query = `query ($number: String!, $after: String) {
    chatGroups(businessNumber: $number, first: 1, after: $after) { edges { cursor } nodes { groupId } }
  }`;
  const joined = await list({ offset: 30, first: 2 });
  const [number = '', groupId] = joined.names[1].split(' ');
  const { body } = await gateway.graphql(query, { number, after: joined.cursors[0] });
  expect(body.data.chatGroups).toEqual({ edges: [{ cursor: joined.cursors[1] }], nodes: [{ groupId }] });
});

it('lists all numbers of the space, in the order of the tenants file, if none are named', async () => {
  const { names } = await list({ numbers: undefined, first: 100 });
  const numbers = [...new Set(names.map((name: string) => name.split(' ')[0]))];
  expect(numbers).toEqual([ACME.businessNumber, '8613800000011', '8613800000012']);
});

it('filters, and refuses cursors of another filter', async () => {
  const page = await list({ status: 'SUSPENDED', first: 100 });
  expect(page.names.length).toBeGreaterThan(0);
  expect(page.names.length).toBeLessThan(all.length);
  const { errors } = await ask({ after: page.pageInfo.endCursor });
  expect(errors[0].extensions).toMatchObject({ code: 'VALIDATION_FAILED', violations: [{ field: 'after' }] });
});

it.each([
  ['a number of another tenant', [ACME.businessNumber, GLOBEX.businessNumber], 'NOT_FOUND'],
  ['a number that does not exist', ['8613800000099'], 'NOT_FOUND'],
  ['no number', [], 'VALIDATION_FAILED'],
  ['the same number twice', ['8613800000011', '+86 138 0000 0011'], 'VALIDATION_FAILED'],
  ['too many numbers', Array.from({ length: 11 }, (_, index) => `86138000001${index}`), 'VALIDATION_FAILED'],
])('refuses %s without calling CAMS', async (_what, numbers, code) => {
  await gateway.sandbox.forgetCalls();
  const { errors } = await ask({ numbers });
  expect(errors[0].extensions.code).toBe(code);
  expect(await gateway.sandbox.actions()).toEqual([]);
});

it('costs one call to CAMS per number', async () => {
  const headers = { 'graphql-cost': 'include' };
  const { extensions } = await ask({ numbers: NUMBERS, first: 5 }, { headers });
  expect(extensions.cost.upstreamCalls).toBe(3);
  const { extensions: unnamed } = await ask({ numbers: undefined, first: 5 }, { headers });
  expect(unnamed.cost.upstreamCalls).toBe(10);
});

it('accepts numbers as people write them', async () => {
  const { names } = await list({ numbers: ['+86 138 0000 0012'], first: 100 });
  expect(names).toEqual(all.slice(-3));
});
