import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Json, TestGateway } from '../support/gateway.js';
import { startGatewayBehind } from '../support/gateway-behind.js';
import { encodeChatGroupId } from '../../src/chat-groups/model/chat-group-id.js';
import {
  ODD_LIST,
  type OddAnswer,
  type OddCase,
  OddUpstream,
  PAGE_SIZE,
  POOL,
  QUOTED,
  endOf,
  expectedEnd,
  groupId,
  leaksOf,
} from '../support/odd-answers.js';
import { ODD_BODIES } from '../support/odd-answers-bodies.js';
import { ODD_DECORATIONS, ODD_NEW_FIELDS } from '../support/odd-answers-decorations.js';
import { ODD_ENVELOPES, ODD_REQUEST_IDS } from '../support/odd-answers-envelope.js';
import { type GroupsCase, ODD_GROUPS, ODD_PAGES } from '../support/odd-answers-groups.js';
import { ODD_HTTP } from '../support/odd-answers-http.js';
import { ODD_MEMBERS } from '../support/odd-answers-members.js';
import { ODD_RESULTS } from '../support/odd-answers-results.js';
import {
  OPERATIONS,
  type OperationCase,
  type Outcome,
  TRANSPORTS,
  type Target,
  type Transport,
  ask,
  operation,
} from '../support/operations.js';

const SETTINGS = {
  TENANTS_FILE: 'test/support/isolation-tenants.yaml',
  CREATE_RESOLVE_TIMEOUT_MS: '1',
  OPERATION_WINDOW_MS: '1000',
};
const FIELDS =
  'groupId subject description status rawStatus inviteLink profilePictureUrl participantCount'.split(' ');
const NEW_FIELDS = ['groupType', 'groupLink', 'businessRole'];
/** A group whose members are read. No test writes to it. */
const READ_GROUP = { ...POOL, groupId: groupId(0) };
/** Operations that can run concurrently, because the odd responses to one are not seen by the others. */
const APART = [
  ['list groups'],
  ['list members'],
  OPERATIONS.filter(({ kind }) => kind === 'write').map(({ name }) => name),
];

let upstream: OddUpstream;
let gateway: TestGateway;
let used = 0;

beforeAll(async () => {
  upstream = await OddUpstream.start();
  gateway = await startGatewayBehind(upstream.port, `http://${upstream.double.host}`, SETTINGS);
  for (let page = 1; page <= POOL.size / PAGE_SIZE; page += 1) await learn(POOL, page);
  await learn(ODD_LIST, 1);
});
afterEach(() => upstream.recover());
afterAll(async () => {
  await gateway.close();
  await upstream.double.close();
});

describe.each(TRANSPORTS)('over %s', (transport) => {
  describe.each([
    ['HTTP', ODD_HTTP],
    ['a body', ODD_BODIES],
    ['an envelope', ODD_ENVELOPES],
  ])('with %s', (_part, cases) => {
    it.each(cases)('every operation ends as the contract says if CAMS sends $what', async (odd) => {
      const seen: Record<string, string> = {};
      const leaks: string[] = [];
      for (const together of APART) {
        for (const [one, outcome] of await askOdd(transport, together.filter(isIn(odd)), odd.sends)) {
          seen[one.name] = endOf(transport, one, outcome);
          leaks.push(...leaksOf(outcome));
        }
      }
      const expected = OPERATIONS.filter(({ name }) => name in seen).map((one) => [
        one.name,
        expectedEnd(odd[one.kind], odd.upstreamCode),
      ]);
      expect(seen).toEqual(Object.fromEntries(expected));
      expect(leaks).toEqual([]);
    });
  });

  it.each(ODD_REQUEST_IDS)('passes on a request ID only if it is safe: one $what', async (odd) => {
    // A GraphQL query for members also reads the group, and shows the ID of that call.
    for (const name of transport === 'REST' ? ['list members', 'delete a group'] : ['delete a group']) {
      for (const [one, outcome] of await askOdd(transport, [name], odd.sends)) {
        expect([name, endOf(transport, one, outcome)]).toEqual([name, 'done']);
        expect([name, outcome.answer.headers.get('x-upstream-request-id')]).toEqual([name, odd.requestId]);
        if (transport === 'GraphQL') expect(outcome.data.upstreamRequestId).toBe(odd.requestId);
        expect(outcome.answer.text).not.toContain(QUOTED.number);
      }
    }
  });

  it.each(ODD_RESULTS)('a write ends as the contract says if CAMS sends $what', async (odd) => {
    const outcomes = await askOdd(transport, odd.operations, odd.sends);
    expect(outcomes.map(([one, outcome]) => [one.name, endOf(transport, one, outcome)])).toEqual(
      odd.operations.map((name) => [name, expectedEnd(odd.ends)]),
    );
    if (odd.shows) {
      for (const [, { data }] of outcomes)
        expect({ ...data, ...data.chatGroup, ...data.operation }).toMatchObject(odd.shows);
    }
  });

  it.each(ODD_MEMBERS)('lists the usable members, or refuses the list, if CAMS sends $what', async (odd) => {
    upstream.disturb(['ListChatGroupParticipants'], odd.sends);
    const { error, members } = await membersOf(transport);
    expect(error).toEqual(odd.shows ? undefined : 'UPSTREAM_UNAVAILABLE');
    if (odd.shows) expect(members).toEqual(odd.shows);
  });

  it.each([...ODD_PAGES, ...ODD_GROUPS, ...ODD_DECORATIONS])(
    'shows every group of a page, or refuses the page, if CAMS lists $what',
    async (odd) => judges(transport, odd, FIELDS),
  );

  it.each(ODD_NEW_FIELDS)('shows every group of a page if CAMS lists $what', async (odd) =>
    judges(transport, odd, [...FIELDS, ...NEW_FIELDS]),
  );
});

/** Runs the operations concurrently, with odd responses to each. Expects that each is sent, and a write only once. */
async function askOdd(
  transport: Transport,
  names: readonly string[],
  sends: OddAnswer,
): Promise<(readonly [OperationCase, Outcome])[]> {
  const operations = names.map(operation);
  const actions = new Set(operations.map(({ action }) => action));
  upstream.disturb(actions, sends);
  const outcomes = await Promise.all(
    operations.map(async (one) => ask(gateway, transport, one, targetOf(one))),
  );
  upstream.recover();
  expect(new Set(upstream.sent.keys())).toEqual(actions);
  const repeated = operations.filter(
    ({ kind, action }) => kind === 'write' && upstream.sent.get(action) !== 1,
  );
  expect(repeated).toEqual([]);
  return outcomes.map((outcome, index) => [operation(names[index] ?? ''), outcome]);
}

/** Compares a list of groups with what it should show, and with the first of them when read alone. */
async function judges(transport: Transport, odd: GroupsCase, fields: readonly string[]): Promise<void> {
  upstream.disturb(['ListChatGroup'], odd.sends);
  const { error, groups, total, text } = await groupsOf(transport, fields);
  const [first] = groups;
  const alone = { ...ODD_LIST, groupId: first?.groupId ?? groupId(0) };
  if (!odd.shows) {
    expect(error).toBe('UPSTREAM_UNAVAILABLE');
    expect(text.includes('CAMS_PAGE_SIZE')).toBe(odd.short === true);
    expect((await ask(gateway, transport, operation('read a group'), alone)).error?.code).toBe(error);
    return;
  }
  expect(error).toBeUndefined();
  expect(groups).toHaveLength(odd.shows.length);
  expect(groups).toMatchObject(odd.shows);
  if (odd.total !== undefined) expect(total).toBe(odd.total);
  if (first) {
    const { data } = await ask(gateway, transport, operation('read a group'), alone);
    expect(picked(data, FIELDS)).toEqual(picked(first, FIELDS));
  }
}

interface Listed {
  readonly error: string | undefined;
  readonly groups: readonly Json[];
  readonly total: number;
  readonly text: string;
}

async function groupsOf(transport: Transport, fields: readonly string[]): Promise<Listed> {
  if (transport === 'REST') {
    const { status, body, text } = await gateway.rest(listPath(ODD_LIST));
    if (status !== 200) return { error: body.code, groups: [], total: 0, text };
    return { error: undefined, groups: body.data, total: body.page.total, text };
  }
  const query = `query ($custSpaceId: ID, $businessNumber: String!) {
    chatGroups(custSpaceId: $custSpaceId, businessNumber: $businessNumber, first: 5) { totalCount nodes { ${fields.join(' ')} } }
  }`;
  const { body, text } = await gateway.graphql(query, ODD_LIST);
  if (body.errors) return { error: body.errors[0].extensions.code, groups: [], total: 0, text };
  return {
    error: undefined,
    groups: body.data.chatGroups.nodes,
    total: body.data.chatGroups.totalCount,
    text,
  };
}

async function membersOf(transport: Transport): Promise<{ error: string | undefined; members: Json }> {
  if (transport === 'REST') {
    const { custSpaceId, businessNumber } = READ_GROUP;
    const path = `/v1/spaces/${custSpaceId}/numbers/${businessNumber}/groups/${READ_GROUP.groupId}/participants`;
    const { status, body } = await gateway.rest(path);
    return { error: status === 200 ? undefined : body.code, members: body.data };
  }
  const query = 'query ($id: ID!) { chatGroup(id: $id) { participants { id phoneNumber userId } } }';
  const { body } = await gateway.graphql(query, { id: encodeChatGroupId(READ_GROUP) });
  return { error: body.errors?.[0].extensions.code, members: body.data?.chatGroup?.participants };
}

function listPath({ custSpaceId, businessNumber }: Omit<Target, 'groupId'>): string {
  return `/v1/spaces/${custSpaceId}/numbers/${businessNumber}/groups?size=5`;
}

/** Makes the gateway see a page of groups, so that a write needs no further list to prove ownership. */
async function learn(scope: Omit<Target, 'groupId'>, page: number): Promise<void> {
  const { status } = await gateway.rest(listPath(scope).replace('size=5', `size=${PAGE_SIZE}&page=${page}`));
  if (status !== 200) throw new Error(`The groups could not be listed: ${status}`);
}

/** Returns a group, and a subject, that no earlier write used. */
function targetOf({ name, kind }: OperationCase): Target {
  if (name === 'list groups') return { ...ODD_LIST, groupId: groupId(0) };
  if (kind === 'read') return READ_GROUP;
  used += 1;
  if (used >= POOL.size) throw new Error('Every group of the pool is used.');
  return { ...POOL, groupId: groupId(used), subject: `Trip ${used}` };
}

function isIn({ only }: OddCase): (name: string) => boolean {
  return (name) => only === undefined || only.includes(name);
}

function picked(group: Json, fields: readonly string[]): Json {
  return Object.fromEntries(fields.map((field) => [field, group?.[field]]));
}
