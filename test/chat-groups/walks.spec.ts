import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ACME, type Json, type TestGateway, startTestGateway } from '../support/gateway.js';
import { TRANSPORTS, type Transport } from '../support/operations.js';

const WALKS = 75;
const REST_LIST = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;
const QUERY = `query ($first: Int, $after: String, $last: Int, $before: String) {
  chatGroups(businessNumber: "${ACME.businessNumber}", first: $first, after: $after, last: $last, before: $before) {
    nodes { groupId }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

type Direction = 'forward' | 'backward';

/** What happens between two pages: groups are deleted, as places in the list from 0 to 1, and others are created. */
interface Change {
  readonly deleted: readonly number[];
  readonly created: number;
}

interface Page {
  readonly ids: readonly string[];
  /** Requests the next page of the walk; `undefined` if this is the last one. */
  readonly next: (() => Promise<Page>) | undefined;
}

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({
    CAMS_PAGE_SIZE: '20',
    TENANTS_FILE: 'test/support/tenants.quotas.yaml',
  });
});
afterAll(() => gateway.close());

async function graphqlPage(direction: Direction, size: number, cursor?: string): Promise<Page> {
  const variables = direction === 'forward' ? { first: size, after: cursor } : { last: size, before: cursor };
  const { nodes, pageInfo } = (await gateway.graphql(QUERY, variables)).body.data.chatGroups;
  const [hasMore, next] =
    direction === 'forward'
      ? [pageInfo.hasNextPage, pageInfo.endCursor]
      : [pageInfo.hasPreviousPage, pageInfo.startCursor];
  const ids = nodes.map(({ groupId }: Json) => groupId);
  return { ids, next: hasMore ? () => graphqlPage(direction, size, next) : undefined };
}

/** Follows `Link`, as a client does that knows nothing about cursors. */
async function restPage(direction: Direction, path: string): Promise<Page> {
  const { status, body, headers } = await gateway.rest(path);
  expect(status).toBe(200);
  const rel = direction === 'forward' ? 'next' : 'prev';
  const next = new RegExp(`<([^>]*)>; rel="${rel}"`).exec(headers.get('link') ?? '')?.[1];
  const ids = body.data.map(({ groupId }: Json) => groupId);
  return { ids, next: next === undefined ? undefined : () => restPage(direction, next) };
}

async function firstPage(transport: Transport, direction: Direction, size: number): Promise<Page> {
  if (transport === 'GraphQL') return graphqlPage(direction, size);
  // The first and the last page by cursor are what the links of any page by cursor lead to.
  const { body } = await gateway.rest(`${REST_LIST}?size=1`);
  const { headers } = await gateway.rest(`${REST_LIST}?size=${size}&after=${body.page.endCursor}`);
  const rel = direction === 'forward' ? 'first' : 'last';
  return restPage(
    direction,
    new RegExp(`<([^>]*)>; rel="${rel}"`).exec(headers.get('link') ?? '')?.[1] ?? '',
  );
}

async function listed(): Promise<string[]> {
  return (await gateway.sandbox.groups(ACME)).map(({ groupId }) => groupId);
}

async function apply({ deleted, created }: Change): Promise<void> {
  for (const place of deleted) {
    const ids = await listed();
    const groupId = ids[Math.floor(place * ids.length)];
    if (groupId !== undefined) await gateway.sandbox.changeGroup({ op: 'delete', groupId });
  }
  if (created > 0) await gateway.sandbox.createGroups(created, { ...ACME, subject: 'New' });
}

const change: fc.Arbitrary<Change> = fc.record({
  deleted: fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { maxLength: 6 }),
  created: fc.nat(4),
});

describe.each(TRANSPORTS)('over %s', (transport) => {
  it.each<Direction>(['forward', 'backward'])(
    'a walk %s shows every group that exists throughout',
    async (direction) => {
      const walk = fc.record({
        size: fc.integer({ min: 1, max: 40 }),
        changes: fc.array(change, { maxLength: 5 }),
      });
      await fc.assert(
        fc.asyncProperty(walk, async ({ size, changes }) => {
          await gateway.sandbox.reset();
          const before = await listed();
          const todo = [...changes];
          const shown = new Set<string>();
          let page: Page | undefined = await firstPage(transport, direction, size);
          for (let step = 0; page; step += 1) {
            expect(step).toBeLessThan(300);
            for (const id of page.ids) shown.add(id);
            const next = todo.shift();
            if (next) await apply(next);
            page = await page.next?.();
          }
          const after = new Set(await listed());
          expect(before.filter((id) => after.has(id) && !shown.has(id))).toEqual([]);
        }),
        { numRuns: WALKS },
      );
    },
  );
});
