import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { encodeChatGroupId } from '../../src/chat-groups/model/chat-group-id.js';
import { ACME, type Json, type TestGateway, startTestGateway } from '../support/gateway.js';

const GROUPS = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;
const LIST = `query ($first: Int, $after: String) {
  chatGroups(businessNumber: "${ACME.businessNumber}", first: $first, after: $after) {
    totalCount nodes { groupId subject } pageInfo { hasNextPage endCursor }
  }
}`;

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());
beforeEach(() => gateway.sandbox.reset());

const row = (GroupId: string, Subject = GroupId): Json => ({ GroupId, Subject, GroupStatus: 'ACTIVE' });

async function answerWith(Total: unknown, List: readonly unknown[]): Promise<void> {
  const body = JSON.stringify({ Code: 'OK', Data: { Total, List } });
  await gateway.sandbox.fault({ kind: 'raw', action: 'ListChatGroup', body });
}

/** Walks the whole list over REST, page by page. Fails if it does not end. */
async function walkRest(size: number): Promise<{ pages: string[][]; total: number }> {
  const pages: string[][] = [];
  for (let page = 1; page < 20; page += 1) {
    const { body } = await gateway.rest(`${GROUPS}?page=${page}&size=${size}`);
    pages.push(body.data.map((group: Json) => group.groupId));
    if (page >= body.page.pageCount) return { pages, total: body.page.total };
  }
  throw new Error('The walk does not end.');
}

/** Walks the whole list over GraphQL, as a client that knows only `hasNextPage` and `endCursor` does. */
async function walkGraphql(first: number): Promise<{ pages: string[][]; total: number }> {
  const pages: string[][] = [];
  let after: string | null = null;
  for (let page = 1; page < 20; page += 1) {
    const { body } = await gateway.graphql(LIST, { first, after });
    const { nodes, totalCount, pageInfo } = body.data.chatGroups;
    pages.push(nodes.map((group: Json) => group.groupId));
    if (!pageInfo.hasNextPage) return { pages, total: totalCount };
    expect(pageInfo.endCursor).toEqual(expect.any(String));
    after = pageInfo.endCursor;
  }
  throw new Error('The walk does not end.');
}

describe('both transports show the same pages and total of a list', () => {
  it.each<[string, unknown, readonly Json[], string[][], number]>([
    ['without oddities', 3, [row('a'), row('b'), row('c')], [['a', 'b'], ['c']], 3],
    ['whose total is 0', 0, [row('a'), row('b'), row('c')], [['a', 'b'], ['c']], 3],
    ['whose total is below the rows', 1, [row('a'), row('b'), row('c')], [['a', 'b'], ['c']], 3],
    ['with a group twice', 3, [row('a'), row('b'), row('a')], [['a', 'b'], []], 3],
    ['with a group twice in a row', 3, [row('a'), row('a', 'x'), row('b')], [['a'], ['b']], 3],
    ['of one group only, many times', 3, [row('a'), row('a'), row('a')], [['a'], []], 3],
    ['of no groups', 0, [], [[]], 0],
  ])('%s', async (_what, total, rows, pages, shown) => {
    await answerWith(total, rows);
    expect(await walkRest(2)).toEqual({ pages, total: shown });
    expect(await walkGraphql(2)).toEqual({ pages, total: shown });
  });
});

it('shows the first of two rows of a group, wherever it is read', async () => {
  await answerWith(2, [row('a', 'first'), row('a', 'second')]);
  const id = encodeChatGroupId({ ...ACME, groupId: 'a' });
  const { body } = await gateway.graphql(LIST, { first: 5 });
  expect(body.data.chatGroups.nodes).toEqual([{ groupId: 'a', subject: 'first' }]);
  expect((await gateway.rest(`${GROUPS}/a`)).body.subject).toBe('first');
  expect(
    (await gateway.graphql('query ($id: ID!) { chatGroup(id: $id) { subject } }', { id })).body.data,
  ).toEqual({
    chatGroup: { subject: 'first' },
  });
});

describe('a group ID that is listed', () => {
  it.each([
    'g'.repeat(255),
    '山'.repeat(255),
    '😀'.repeat(255),
    'a/b?c#d%2Fe',
    '8613800**',
    'US.1@g.us',
    'constructor',
  ])('can be used on both transports: %s', async (groupId) => {
    await answerWith(1, [row(groupId)]);
    const listed = (await gateway.rest(GROUPS)).body.data[0];
    expect(listed.groupId).toBe(groupId);
    expect((await gateway.rest(`${GROUPS}/${encodeURIComponent(groupId)}`)).body).toEqual(listed);
    const query = 'query ($id: ID!) { chatGroup(id: $id) { id groupId } }';
    expect((await gateway.graphql(query, { id: listed.id })).body.data.chatGroup).toEqual({
      id: listed.id,
      groupId,
    });
  });

  it.each(['', 'g\u0000', 'g\n1', ' g', 'g\u0085', 'g'.repeat(256), '\ud800'])(
    'cannot be one that could not be used: %j',
    async (groupId) => {
      await answerWith(1, [row(groupId)]);
      expect((await gateway.rest(GROUPS)).status).toBe(502);
      const { body } = await gateway.graphql(LIST);
      expect(body.errors[0].extensions.code).toBe('UPSTREAM_UNAVAILABLE');
    },
  );
});

describe.each(['8613800**', '+8613800000001', '+86 138 0000 0001', '86138****0001', 'None'])(
  'a row with the business number %s',
  (BusinessNumber) => {
    it('is accepted, and shows the number of the request', async () => {
      await answerWith(1, [{ ...row('a'), BusinessNumber }]);
      expect((await gateway.rest(GROUPS)).body.data[0]).toMatchObject({ groupId: 'a', ...ACME });
    });
  },
);

it.each(['8613900000001', '8613900**', '861380000000', '86138****0002'])(
  'refuses a list with a row of another number: %s',
  async (BusinessNumber) => {
    await answerWith(2, [row('a'), { ...row('b'), BusinessNumber }]);
    const { status, text } = await gateway.rest(GROUPS);
    expect(status).toBe(502);
    expect(text).not.toContain(BusinessNumber);
  },
);
