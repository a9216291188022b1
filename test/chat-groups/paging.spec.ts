import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MAX_PAGE_SIZE } from '../../src/chat-groups/model/page-size.js';
import { ACME, type Json, type TestGateway, startTestGateway } from '../support/gateway.js';

const REST_LIST = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;
const QUERY = `query ($businessNumber: String!, $first: Int, $after: String, $last: Int, $before: String, $offset: Int,
    $status: ChatGroupStatus) {
  chatGroups(businessNumber: $businessNumber, first: $first, after: $after, last: $last, before: $before,
      offset: $offset, status: $status) {
    totalCount stale
    edges { cursor node { groupId } }
    nodes { groupId }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

/** Number of groups, and the size of the upstream pages that list them. */
const LISTS = [
  { count: 51, pageSize: 100 },
  { count: 250, pageSize: 100 },
  { count: 51, pageSize: 7 },
] as const;

describe.each(LISTS)('a listing of $count groups in canonical pages of $pageSize', ({ count, pageSize }) => {
  let gateway: TestGateway;
  /** IDs of all groups in the order of CAMS. */
  let ids: readonly string[];
  let cursors: readonly string[];

  beforeAll(async () => {
    gateway = await startTestGateway({
      CAMS_PAGE_SIZE: String(pageSize),
      TENANTS_FILE: 'test/support/tenants.quotas.yaml',
    });
    if (count > 51)
      await gateway.sandbox.changeGroup({ op: 'create', ...ACME, subject: 'More', count: count - 51 });
    ids = (await gateway.sandbox.groups(ACME)).map(({ groupId }) => groupId);
    cursors = await allCursors();
  });
  afterAll(() => gateway.close());
  beforeEach(() => gateway.sandbox.forgetCalls());

  async function list(args: Record<string, unknown>): Promise<Json> {
    const { body } = await gateway.graphql(QUERY, { businessNumber: ACME.businessNumber, ...args });
    expect(body.errors).toBeUndefined();
    return body.data.chatGroups;
  }

  async function allCursors(): Promise<string[]> {
    const found: string[] = [];
    for (let after: string | null = null; ;) {
      const page = await list({ first: MAX_PAGE_SIZE, ...(after !== null && { after }) });
      found.push(...page.edges.map(({ cursor }: Json) => cursor));
      if (!page.pageInfo.hasNextPage) return found;
      after = page.pageInfo.endCursor;
    }
  }

  /** Checks a page against the same slice of the whole listing. */
  function expectSlice(page: Json, start: number, end: number): void {
    expect(page.nodes.map(({ groupId }: Json) => groupId)).toEqual(ids.slice(start, end));
    expect(page.edges).toEqual(
      ids.slice(start, end).map((groupId, i) => ({ cursor: cursors[start + i], node: { groupId } })),
    );
    expect(page).toMatchObject({ totalCount: count, stale: false });
    const rows = page.nodes.length;
    expect(page.pageInfo).toEqual({
      hasNextPage: start + rows < count,
      hasPreviousPage: start > 0,
      startCursor: cursors[start] !== undefined && rows > 0 ? cursors[start] : null,
      endCursor: rows > 0 ? cursors[start + rows - 1] : null,
    });
  }

  it('contains every group exactly once', () => {
    expect(ids).toHaveLength(count);
    expect(new Set(cursors).size).toBe(count);
  });

  it.each([1, 7, 20, MAX_PAGE_SIZE])('can be paged forward by %d', async (first) => {
    let start = 0;
    for (let after: string | undefined; start < count; start += first) {
      const page = await list({ first, ...(after !== undefined && { after }) });
      expectSlice(page, start, Math.min(count, start + first));
      after = page.pageInfo.endCursor;
      if (first === 1 && start > 10) break;
    }
  });

  it.each([7, 20, MAX_PAGE_SIZE])('can be paged backward by %d', async (last) => {
    let end: number = count;
    for (let before: string | undefined; end > 0; end -= last) {
      const page = await list({ last, ...(before !== undefined && { before }) });
      expectSlice(page, Math.max(0, end - last), end);
      before = page.pageInfo.startCursor;
    }
  });

  it('has 20 groups per page by default', async () => {
    expectSlice(await list({}), 0, 20);
    expectSlice(await list({ after: cursors[9] }), 10, 30);
    expectSlice(await list({ before: cursors[5] }), 0, 5);
    expect((await gateway.rest(REST_LIST)).body.page).toMatchObject({ index: 1, size: 20, total: count });
  });

  it('is empty beyond its end but still reports its total', async () => {
    expectSlice(await list({ offset: count }), count, count);
    expectSlice(await list({ offset: count + 1_000, first: 5 }), count + 1_000, count + 1_000);
    expectSlice(await list({ after: cursors.at(-1) }), count, count);
    expectSlice(await list({ before: cursors[0], last: 5 }), 0, 0);
    const beyond = await gateway.rest(`${REST_LIST}?page=99&size=50`);
    expect(beyond.body).toMatchObject({ data: [], page: { index: 99, size: 50, total: count } });
  });

  it('fetches only the upstream pages it needs', async () => {
    await list({ first: 5 });
    const [first] = await gateway.sandbox.calls();
    expect(first?.parameters['Page']).toEqual({ Index: 1, Size: pageSize });
    await gateway.sandbox.forgetCalls();
    await list({ offset: pageSize - 2, first: 5 });
    expect(await gateway.sandbox.actions()).toHaveLength(count > pageSize ? 2 : 1);
  });

  const size = fc.integer({ min: 1, max: MAX_PAGE_SIZE });
  const place = fc.integer({ min: 0, max: count - 1 });
  const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
    fc.option(value, { nil: undefined });

  it('returns the slice that random arguments select', async () => {
    const args = fc.oneof(
      fc.record({ first: optional(size), after: optional(place), before: optional(place) }),
      fc.record({ last: size, after: optional(place), before: optional(place) }),
      fc.record({ first: optional(size), offset: fc.integer({ min: 0, max: count + 30 }) }),
    );
    await fc.assert(
      fc.asyncProperty(args, async (given) => {
        const asked: Record<string, unknown> = { ...given };
        for (const end of ['after', 'before'] as const)
          if (typeof asked[end] === 'number') asked[end] = cursors[asked[end]];
        const page = await list(asked);
        const { start, end } = model(given, count);
        expectSlice(page, start, end);
      }),
      { numRuns: 40 },
    );
  });

  it('returns the same slice by page number and size over REST', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), size, async (index, rows) => {
        const { body } = await gateway.rest(`${REST_LIST}?page=${index}&size=${rows}`);
        const start = (index - 1) * rows;
        expect(body.data.map(({ groupId }: Json) => groupId)).toEqual(ids.slice(start, start + rows));
        const page = { index, size: rows, total: count, pageCount: Math.ceil(count / rows) };
        expect(body).toMatchObject({ page, stale: false });
      }),
      { numRuns: 15 },
    );
  });
});

interface Given {
  readonly first?: number | undefined;
  readonly last?: number;
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  readonly offset?: number;
}

/** Returns the slice that the Cursor Connections Specification, and the contract for `offset`, define. */
function model({ first, last, after, before, offset }: Given, count: number): { start: number; end: number } {
  const from = after === undefined ? (offset ?? 0) : after + 1;
  const to = Math.max(from, before ?? count);
  if (last !== undefined) return { start: Math.max(from, to - last), end: to };
  return { start: from, end: Math.min(to, from + (first ?? 20)) };
}
