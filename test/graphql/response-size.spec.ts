import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ACME, type Answer, READONLY_KEY, type TestGateway, startTestGateway } from '../support/gateway.js';

const WHOLE =
  '__typename id groupId custSpaceId businessNumber channelType subject description status rawStatus inviteLink inviteLinkVisible etag profilePictureUrl participantCount groupType groupLink businessRole';
const UNIT = 32 * 1024;

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({ CACHE_FRESH_MS: '3600000' });
});
afterAll(() => gateway.close());

/** A query of several lists. It declares the variables that it uses: `$n` and `$s`. */
function lists(count: number, below: string, size = 'first: $n'): string {
  const list = `chatGroups(businessNumber: "${ACME.businessNumber}", ${size}) { ${below} }`;
  const fields = Array.from({ length: count }, (_, i) => `a${i}: ${list}`).join(' ');
  const variables = [
    ['$n', '$n: Int'],
    ['$s', '$s: Boolean!'],
  ].filter(([name = '']) => fields.includes(name));
  return `query Lists${variables.length === 0 ? '' : `(${variables.map(([, type]) => type).join(', ')})`} { ${fields} }`;
}

interface Seen {
  readonly answer: Answer;
  readonly predicted: number;
  /** What is left of the requests per minute. */
  readonly left: number;
}

async function see(query: string, variables: object = {}, key?: string): Promise<Seen> {
  const headers = { 'graphql-cost': 'include' };
  const answer = await gateway.rest('/graphql', {
    method: 'POST',
    body: { query, variables },
    headers,
    ...(key !== undefined && { key }),
  });
  return {
    answer,
    predicted: answer.body.extensions?.cost.responseBytes,
    left: Number(/r=(\d+)/.exec(answer.headers.get('ratelimit') ?? '')?.[1]),
  };
}

const sizeOf = ({ answer }: Seen): number => Buffer.byteLength(JSON.stringify({ data: answer.body.data }));

describe('the predicted size of a response', () => {
  it.each<readonly [string, string, object]>([
    ['a list', lists(1, `totalCount nodes { ${WHOLE} }`), { n: 20 }],
    ['edges', lists(1, `pageInfo { endCursor hasNextPage } edges { cursor node { ${WHOLE} } }`), { n: 50 }],
    ['several lists', lists(3, `nodes { ${WHOLE} }`), { n: 20 }],
    ['short fields', lists(2, 'nodes { status inviteLinkVisible participantCount }'), { n: 50 }],
    [
      'long aliases',
      lists(2, `nodes { ${'a'.repeat(60)}: status ${'b'.repeat(60)}: __typename }`),
      { n: 50 },
    ],
    ['the caller', '{ viewer { tenantId tenantName permissions } }', {}],
  ])(
    'is at least the real one with the data of the sandbox, and at most four times: %s',
    async (_, query, variables) => {
      const seen = await see(query, variables);
      expect(seen.answer.status).toBe(200);
      expect(seen.predicted).toBeGreaterThanOrEqual(sizeOf(seen));
      expect(seen.predicted).toBeLessThanOrEqual(4 * sizeOf(seen));
    },
  );

  it('counts the same field only once, however many fragments select it', async () => {
    const once = await see(lists(1, 'nodes { id subject }'), { n: 20 });
    const twice = await see(
      `${lists(1, 'nodes { id subject ...F ...F } nodes { ... on ChatGroup { id } }')} fragment F on ChatGroup { id subject }`,
      { n: 20 },
    );
    expect(twice.predicted).toBe(once.predicted);
  });

  it('does not count what is excluded for the variables of the request', async () => {
    const query = lists(1, 'nodes { id description @skip(if: $s) }');
    const sizes = [];
    for (const s of [false, true, false, true]) sizes.push((await see(query, { n: 20, s })).predicted);
    expect(sizes[0]).toBe(sizes[2]);
    expect(sizes[1]).toBe(sizes[3]);
    expect(sizes[1]).toBeLessThan(Number(sizes[0]) / 2);
  });

  it('counts an error for each field that can fail', async () => {
    const query = `{ ${'a'.repeat(60)}: chatGroups(businessNumber: "${ACME.businessNumber}", first: 50) { nodes { ${'b'.repeat(60)}: participants { id } } } }`;
    const answer = await gateway.graphql(query, {}, { key: READONLY_KEY });
    expect(answer.body.errors).toHaveLength(50);
    expect((await see(query)).predicted).toBeGreaterThanOrEqual(answer.text.length);
  });

  it('is limited, for each value of the variables', async () => {
    const query = lists(5, `nodes { ${WHOLE} } edges { cursor node { ${WHOLE} } }`);
    for (const [n, status] of [
      [100, 400],
      [20, 200],
      [100, 400],
      [21, 200],
    ]) {
      const { answer, predicted } = await see(query, { n });
      expect([answer.status, predicted > 512 * 1024]).toEqual([status, status === 400]);
      if (status === 400)
        expect(answer.body.errors[0]).toMatchObject({
          message: expect.stringMatching(/^The response would have about \d+ KiB; the limit is 512 KiB\./),
          extensions: { code: 'QUERY_REFUSED', status: 400 },
        });
    }
  });
});

describe('a large response', () => {
  it('is not a default list of whole groups', async () => {
    const { predicted } = await see(
      lists(1, `totalCount pageInfo { endCursor } edges { cursor node { ${WHOLE} } }`, 'offset: 0'),
    );
    expect(predicted).toBeLessThanOrEqual(UNIT);
  });

  it.each<readonly [string, string, object]>([
    ['a default list', lists(1, `totalCount nodes { ${WHOLE} }`, 'offset: 0'), {}],
    ['a list of 100 whole groups', lists(1, `nodes { ${WHOLE} }`), { n: 100 }],
    ['five lists of 40 whole groups', lists(5, `nodes { ${WHOLE} }`), { n: 40 }],
  ])('counts as one request per 32 KiB, by Apollo and by the fast path: %s', async (_, query, variables) => {
    for (const _again of [1, 2, 3]) {
      const before = await see('{ viewer { tenantId } }');
      const { predicted, left } = await see(query, variables);
      expect(before.left - left).toBe(Math.ceil(predicted / UNIT));
    }
  });
});

describe('a response that is larger than predicted', () => {
  afterEach(() => gateway.sandbox.reset());

  it('is replaced by an error, by Apollo and by the fast path', async () => {
    await gateway.sandbox.createGroups(60, { ...ACME, subject: 'Long', description: '😀'.repeat(2_048) });
    const aliases = Array.from({ length: 5 }, (_, i) => `d${i}: description`).join(' ');
    const query = `{ chatGroups(businessNumber: "${ACME.businessNumber}", first: 100, subject: "Long") { nodes { ${aliases} } } }`;
    for (const _ of [1, 2, 3]) {
      const { answer } = await see(query);
      expect([answer.status, answer.body.data]).toEqual([400, undefined]);
      expect(answer.body.errors[0].message).toMatch(/^The response would have more than 1024 KiB\./);
      expect(answer.body.errors[0].extensions.code).toBe('QUERY_REFUSED');
    }
  });

  it('is replaced by an error over REST, too, where only invalid data of CAMS can be that large', async () => {
    await gateway.sandbox.createGroups(3, { ...ACME, subject: 'Huge', description: 'x'.repeat(400_000) });
    const groups = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;
    expect((await gateway.rest(`${groups}?subject=Huge&size=2`)).status).toBe(200);
    for (const _ of [1, 2]) {
      const { status, body } = await gateway.rest(`${groups}?subject=Huge`);
      expect([status, body.code, body.retryable]).toEqual([502, 'UPSTREAM_UNAVAILABLE', false]);
    }
  });
});
