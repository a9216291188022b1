import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { getIntrospectionQuery } from 'graphql';
import { ACME, type Answer, READONLY_KEY, type TestGateway, startTestGateway } from '../support/gateway.js';
import { NEW_SUBJECT, type Target, arrangeGroup, learn } from '../support/operations.js';
import { encodeChatGroupId } from '../../src/chat-groups/model/chat-group-id.js';

let gateway: TestGateway;
let target: Target;
let id: string;

beforeAll(async () => {
  gateway = await startTestGateway({ GRAPHQL_INTROSPECTION: 'true' });
});
afterAll(() => gateway.close());
beforeEach(async () => {
  await gateway.sandbox.reset();
  target = await arrangeGroup(gateway, ACME);
  id = encodeChatGroupId(target);
  await learn(gateway, target);
  await gateway.sandbox.forgetCalls();
});

const times = (count: number, make: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => make(index)).join(' ');
const LIST = 'chatGroups(businessNumber: "8613800000001", first: 1)';
const REMOVE = (index: number): string => `d${index}: deleteChatGroup(input: { id: "x" }) { requestId }`;

/** Returns a document whose deepest field is at the given depth; an inline fragment counts as a level. */
const deep = (depth: number): string =>
  `{ viewer { ${'... on Viewer { '.repeat(depth - 2)}tenantId${' }'.repeat(depth - 2)} } }`;
/** Every level spreads the next one `times` times: few tokens, but very many selections. */
const fanOut = (levels: number, times: number): string =>
  `{ viewer { ...F0 } } ${Array.from({ length: levels }, (_, i) => `fragment F${i} on Viewer { ${`...F${i + 1} `.repeat(times)} }`).join(' ')}
   fragment F${levels} on Viewer { tenantId }`;
/** Returns a document with the given number of tokens. */
const tokens = (count: number): string =>
  `mutation { removeChatGroupParticipants(input: { id: "x", phoneNumbers: [${'"1" '.repeat(count - 20)}] }) { requestId } }`;

const REFUSED: readonly (readonly [string, string])[] = [
  ['a syntax error', '{ viewer { tenantId '],
  ['an unknown field', '{ viewer { tenantId password } }'],
  ['an unknown argument', '{ viewer(all: true) { tenantId } }'],
  ['an unknown operation', 'subscription { viewer { tenantId } }'],
  ['two operations and no name', 'query A { viewer { tenantId } } query B { viewer { tenantId } }'],
  ['a depth of 9', deep(9)],
  ['a depth of 9 in fragments', fanOut(8, 1)],
  ['deep introspection', `{ __schema { types { ${'fields { type { '.repeat(4)}name${' } }'.repeat(4)} } } }`],
  ['fragments that fan out to a million selections', fanOut(3, 100)],
  ['fragments that fan out to a thousand selections', fanOut(2, 32)],
  ['16 aliases', `{ viewer { ${times(16, (i) => `a${i}: tenantId`)} } }`],
  ['200 aliases of a list', `{ ${times(200, (i) => `a${i}: ${LIST} { totalCount }`)} }`],
  ['6 root fields', `{ ${times(6, (i) => `a${i}: viewer { tenantId }`)} }`],
  [
    '6 root fields in fragments',
    `{ ...A ...B } fragment A on Query { ${times(3, (i) => `a${i}: ${LIST} { totalCount }`)} }
    fragment B on Query { ${times(3, (i) => `b${i}: ${LIST} { totalCount }`)} }`,
  ],
  ['2 mutations', `mutation { ${times(2, REMOVE)} }`],
  ['50 mutations', `mutation { ${times(50, REMOVE)} }`],
  ['2 mutations in an inline fragment', `mutation { ${REMOVE(1)} ... on Mutation { ${REMOVE(2)} } }`],
  ['2 mutations in a fragment', `mutation { ${REMOVE(1)} ...F } fragment F on Mutation { ${REMOVE(2)} }`],
  [
    '2 mutations, one of them skipped',
    `mutation { ${REMOVE(1)} d2: deleteChatGroup(input: { id: "x" }) @skip(if: true) { requestId } }`,
  ],
  ['11 directives', `{ viewer { tenantId ${'@include(if: true) '.repeat(11)} } }`],
  [
    '11 directives on several fields',
    `{ viewer { ${times(11, (i) => `a${i}: tenantId @include(if: true)`)} } }`,
  ],
  ['1001 tokens', tokens(1001)],
  ['1001 lines', `${'\n'.repeat(1_000)}{ viewer { tenantId } }`],
  ['1001 lines that end in CR', `${'\r'.repeat(1_000)}{ viewer { tenantId } }`],
  ['circular fragments', '{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...A }'],
  ['a fragment that spreads itself', '{ viewer { ...A } } fragment A on Viewer { tenantId ...A }'],
  [
    'fragments that double ten times',
    `{ ${LIST} { nodes { ...F0 } } }
    ${times(10, (i) => `fragment F${i} on ChatGroup { ...F${i + 1} a${i}: id ...F${i + 1} b${i}: id }`)}
    fragment F10 on ChatGroup { participants { phoneNumber } }`,
  ],
  ['members of 100 groups', `{ ${LIST.replace('1)', '100)')} { nodes { participants { phoneNumber } } } }`],
  [
    'members of 100 groups at the end',
    `{ ${LIST.replace('first: 1)', 'last: 100)')} { nodes { participants { phoneNumber } } } }`,
  ],
  [
    'members of 100 groups, offset by a page of −100',
    `{ ${LIST.replace('1)', '100)')} { nodes { participants { phoneNumber } } } b: ${LIST.replace('1)', '-100)')} { nodes { participants { phoneNumber } } } }`,
  ],
  [
    'members of 20 groups, four times',
    `{ ${times(4, (i) => `a${i}: chatGroups(businessNumber: "8613800000001") { nodes { participants { phoneNumber } } }`)} }`,
  ],
  [
    'members of 50 groups, as nodes and in edges',
    `{ ${LIST.replace('1)', '50)')} { nodes { participants { phoneNumber } } edges { node { participants { phoneNumber } } } } }`,
  ],
];

const PASSED: readonly (readonly [string, string])[] = [
  ['a depth of 8', deep(8)],
  ['introspection of the whole schema', getIntrospectionQuery()],
  ['1000 lines', `${'\r\n'.repeat(999)}{ viewer { tenantId } }`],
  ['15 aliases', `{ viewer { ${times(15, (i) => `a${i}: tenantId`)} } }`],
  ['5 root fields', `{ ${times(5, (i) => `a${i}: viewer { tenantId }`)} }`],
  [
    '5 root fields and __typename',
    `{ __typename ${times(5, (i) => `a${i}: viewer { tenantId }`)} t: __typename }`,
  ],
  ['10 directives', `{ viewer { ${times(10, (i) => `a${i}: tenantId @include(if: true)`)} } }`],
  ['members of 50 groups', `{ ${LIST.replace('1)', '50)')} { nodes { participants { phoneNumber } } } }`],
];

function refusal(answer: Answer): { code: string; status: number; data: unknown } {
  const { extensions } = answer.body.errors[0];
  expect(Object.keys(extensions).toSorted()).toEqual(['code', 'requestId', 'retryable', 'status']);
  expect(extensions.requestId).toBe(answer.headers.get('x-request-id'));
  return { code: extensions.code, status: answer.status, data: answer.body.data };
}

describe('a hostile document', () => {
  it.each(REFUSED)('is refused as a whole, without an upstream call: %s', async (_, query) => {
    const answer = await gateway.graphql(query);
    expect(refusal(answer)).toEqual({ code: 'QUERY_REFUSED', status: 400, data: undefined });
    expect(await gateway.sandbox.actions()).toEqual([]);
  });

  it('may have 1000 tokens', async () => {
    const { status, body } = await gateway.graphql(tokens(1000));
    expect([status, body.errors[0].extensions.code]).toEqual([200, 'VALIDATION_FAILED']);
    expect((await gateway.graphql(tokens(1001))).text).toContain('more than 1000 tokens.');
  });

  it('is measured with the values of its variables', async () => {
    const members = (first: string, size = 'first: $n'): string =>
      `query ($n: Int${first}) { chatGroups(businessNumber: "8613800000001", ${size}) { nodes { participants { phoneNumber } } } }`;
    for (const [query, variables] of [
      [members(''), { n: 100 }],
      [members(' = 100'), {}],
      [members('', 'first: $n, last: 100'), {}],
    ] as const) {
      expect(refusal(await gateway.graphql(query, variables)).code).toBe('QUERY_REFUSED');
    }
    expect((await gateway.graphql(members(' = 100'), { n: 2 })).body.errors).toBeUndefined();
  });

  it.each(['constructor', 'toString', 'valueOf', 'hasOwnProperty', '__proto__'])(
    'is measured with the default of a variable named %s',
    async (name) => {
      const query = `query ($${name}: Int = 100) {
        chatGroups(businessNumber: "8613800000001", first: $${name}) { nodes { participants { phoneNumber } } }
      }`;
      expect(refusal(await gateway.graphql(query)).code).toBe('QUERY_REFUSED');
    },
  );

  it.each(PASSED)('is accepted if just within the limits: %s', async (_, query) => {
    const { status, body } = await gateway.graphql(query);
    expect([status, body.errors]).toEqual([200, undefined]);
  });

  it.each([
    'mutation ($input: DeleteChatGroupInput!) { __typename deleteChatGroup(input: $input) { __typename requestId } }',
    'mutation ($input: DeleteChatGroupInput!) { deleteChatGroup(input: $input) { requestId } ...T } fragment T on Mutation { __typename }',
  ])('may have __typename beside its mutation: %s', async (query) => {
    const { body } = await gateway.graphql(query, { input: { id } });
    expect([body.errors, body.data.__typename]).toEqual([undefined, 'Mutation']);
    expect((await gateway.sandbox.actions()).filter((action) => action === 'DeleteChatGroup')).toHaveLength(
      1,
    );
  });
});

describe('an error', () => {
  const CANARY = '8613912345678';

  it.each([
    ['a literal of the wrong type', `{ chatGroups(businessNumber: ${CANARY}) { totalCount } }`, {}],
    [
      'a literal of a wrong enum',
      `{ chatGroups(businessNumber: "1", status: A${CANARY}) { totalCount } }`,
      {},
    ],
    [
      'a literal in the wrong place',
      `{ chatGroups(businessNumber: "1", first: "${CANARY}") { totalCount } }`,
      {},
    ],
    [
      'an object literal',
      `mutation { deleteChatGroup(input: { id: "x", phone: "${CANARY}" }) { requestId } }`,
      {},
    ],
    [
      'a variable of the wrong type',
      'query ($n: String!) { chatGroups(businessNumber: $n) { totalCount } }',
      { n: [CANARY] },
    ],
    [
      'an enum',
      'query ($s: ChatGroupStatus) { chatGroups(businessNumber: "12345", status: $s) { totalCount } }',
      { s: CANARY },
    ],
    ['an id', 'query ($id: ID!) { chatGroup(id: $id) { id } }', { id: CANARY }],
    [
      'a number too large',
      'query ($n: Int) { chatGroups(businessNumber: "12345", first: $n) { totalCount } }',
      { n: Number(CANARY) },
    ],
    ['a syntax error', `{ viewer ${CANARY} }`, {}],
    ['an unclosed string', `{ chatGroups(businessNumber: "${CANARY}) }`, {}],
  ])('does not echo request data: %s', async (_, query, variables) => {
    const { body, text } = await gateway.graphql(query, variables);
    expect(body.errors.length).toBeGreaterThan(0);
    expect(text).not.toContain(CANARY);
  });

  it('suggests no names from the schema', async () => {
    for (const query of [
      '{ viewr { tenantId } }',
      '{ viewer { tenantI } }',
      '{ chatGroups(businessNumbr: "1") { totalCount } }',
      '{ chatGroups(businessNumber: "1", status: ACTIV) { totalCount } }',
      'mutation ($i: DeleteChatGrupInput!) { deleteChatGroup(input: $i) { requestId } }',
    ]) {
      const { status, text } = await gateway.graphql(query);
      expect([status, text]).toEqual([400, expect.not.stringMatching(/did you mean/i)]);
    }
  });

  it('is NOT_FOUND next to a null field, with HTTP 200, for an unknown object', async () => {
    const unknown = encodeChatGroupId({ ...target, groupId: 'unknown' });
    for (const [field, value] of [
      ['chatGroup', unknown],
      ['operation', 'op_unknown'],
    ] as const) {
      const answer = await gateway.graphql(`query ($id: ID!) { ${field}(id: $id) { id } }`, { id: value });
      expect(refusal(answer)).toEqual({ code: 'NOT_FOUND', status: 200, data: { [field]: null } });
      expect(answer.body.errors[0].path).toEqual([field]);
    }
  });

  it('leaves the rest of the response intact', async () => {
    const query = `query ($id: ID!) {
      viewer { tenantId }
      known: chatGroup(id: $id) { groupId participants { phoneNumber } }
      unknown: operation(id: "op_unknown") { id }
    }`;
    const { status, body, headers } = await gateway.graphql(query, { id }, { key: READONLY_KEY });
    expect(status).toBe(200);
    expect(body.data).toEqual({
      viewer: { tenantId: 'acme' },
      known: { groupId: target.groupId, participants: null },
      unknown: null,
    });
    const requestId = headers.get('x-request-id');
    expect(body.errors).toHaveLength(2);
    expect(body.errors).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          path: ['known', 'participants'],
          extensions: { code: 'FORBIDDEN', status: 403, retryable: false, requestId },
        }),
        expect.objectContaining({
          path: ['unknown'],
          extensions: { code: 'NOT_FOUND', status: 404, retryable: false, requestId },
        }),
      ]),
    );
  });

  it('of an invite link is reported at the link of the created group', async () => {
    await gateway.sandbox.fault({ kind: 'reject', action: 'AddChatGroupInviteLink', code: 'Group.Full' });
    const query = `mutation ($input: CreateChatGroupInput!) {
      createChatGroup(input: $input) { operation { status } chatGroup { groupId subject inviteLink } }
    }`;
    const input = { businessNumber: ACME.businessNumber, subject: NEW_SUBJECT, withInviteLink: true };
    const { status, body } = await gateway.graphql(query, { input });
    expect(status).toBe(200);
    expect(body.data.createChatGroup).toMatchObject({
      operation: { status: 'SUCCEEDED' },
      chatGroup: { subject: NEW_SUBJECT, inviteLink: null },
    });
    expect(body.errors).toHaveLength(1);
    expect(body.errors[0]).toMatchObject({
      path: ['createChatGroup', 'chatGroup', 'inviteLink'],
      extensions: { code: 'UPSTREAM_REJECTED', status: 422, upstreamCode: 'Group.Full' },
    });
    const rest = await gateway.rest(`/v1/spaces/cams-acme/numbers/8613800000001/groups`, {
      method: 'POST',
      body: { subject: 'Kyoto in June', withInviteLink: true },
    });
    expect([rest.status, rest.body.inviteLink]).toEqual([201, null]);
    expect(rest.body.inviteLinkError).toMatchObject({
      code: 'UPSTREAM_REJECTED',
      upstreamCode: 'Group.Full',
    });
  });
});
