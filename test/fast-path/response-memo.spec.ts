import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encodeChatGroupId } from '../../src/chat-groups/model/chat-group-id.js';
import {
  ACME,
  ACME_KEY,
  type Answer,
  READONLY_KEY,
  type TestGateway,
  startTestGateway,
} from '../support/gateway.js';

const LIST = `query L($n: String!) {
  chatGroups(businessNumber: $n, first: 3) { asOf totalCount nodes { groupId subject inviteLink __typename } }
}`;
const GROUP = 'query G($id: ID!) { chatGroup(id: $id) { subject inviteLink } }';

let gateway: TestGateway;
let id: string;

beforeAll(async () => {
  gateway = await startTestGateway({ CACHE_FRESH_MS: '3600000', CACHE_STALE_WHILE_REVALIDATE_MS: '3600000' });
  const withLink = (await gateway.sandbox.groups(ACME)).find(({ inviteLink }) => inviteLink);
  id = encodeChatGroupId({ ...ACME, groupId: withLink?.groupId ?? '' });
});
afterAll(() => gateway.close());

const list = (key = ACME_KEY): Promise<Answer> => gateway.graphql(LIST, { n: ACME.businessNumber }, { key });
const group = (of: string, key = ACME_KEY): Promise<Answer> => gateway.graphql(GROUP, { id: of }, { key });

/** Returns the last of several responses, which may reuse what was memoized for the first. */
async function lastOf(ask: () => Promise<Answer>): Promise<Answer> {
  await ask();
  await ask();
  await ask();
  return ask();
}

describe('a memoized response', () => {
  it('equals the first response', async () => {
    // A page is cached, together with its time, only when it is requested again.
    await list();
    const first = await list();
    const last = await lastOf(list);
    expect(last.text).toBe(first.text);
    expect(last.body.data.chatGroups.nodes).toHaveLength(3);
  });

  it('is not served to callers with fewer permissions', async () => {
    expect((await lastOf(() => group(id))).body.data.chatGroup.inviteLink).toMatch(/^https:/);
    expect((await lastOf(() => group(id, READONLY_KEY))).body.data.chatGroup.inviteLink).toBeNull();
    expect((await lastOf(() => group(id))).body.data.chatGroup.inviteLink).toMatch(/^https:/);
    const links = async (key: string): Promise<unknown[]> =>
      (await lastOf(() => list(key))).body.data.chatGroups.nodes.map(
        ({ inviteLink }: { inviteLink: unknown }) => inviteLink,
      );
    await links(ACME_KEY);
    expect(await links(READONLY_KEY)).toEqual([null, null, null]);
  });

  it('is no longer served after a write completes', async () => {
    const path = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;
    const { groupId } = (await lastOf(list)).body.data.chatGroups.nodes[0];
    for (const subject of ['First', 'Second']) {
      const written = await gateway.rest(`${path}/${groupId}`, {
        key: ACME_KEY,
        method: 'PATCH',
        body: { subject },
      });
      expect(written.status).toBe(200);
      expect((await list()).body.data.chatGroups.nodes[0].subject).toBe(subject);
      expect((await lastOf(list)).body.data.chatGroups.nodes[0].subject).toBe(subject);
    }
  });

  it('is never an error, because an error carries the ID of its request', async () => {
    const unknown = encodeChatGroupId({ ...ACME, groupId: 'unknown' });
    const answers = [await lastOf(() => group(unknown)), await group(unknown)];
    for (const { body, headers } of answers) {
      expect(body.data).toEqual({ chatGroup: null });
      expect(body.errors[0].extensions).toMatchObject({
        code: 'NOT_FOUND',
        requestId: headers.get('x-request-id'),
      });
    }
  });

  it('matches the variables of the request', async () => {
    const query = `query S($n: String!, $s: Boolean!) {
      chatGroups(businessNumber: $n, first: 1) { nodes { groupId subject @include(if: $s) } }
    }`;
    const fields = async (s: boolean): Promise<string[]> =>
      Object.keys(
        (await gateway.graphql(query, { n: ACME.businessNumber, s })).body.data.chatGroups.nodes[0],
      );
    for (const s of [true, true, false, true, false]) {
      expect(await fields(s)).toEqual(s ? ['groupId', 'subject'] : ['groupId']);
    }
  });
});
