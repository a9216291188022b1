import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { encodeChatGroupId } from '../../src/chat-groups/model/chat-group-id.js';
import { ACME, type Json, type TestGateway, startTestGateway } from '../support/gateway.js';
import { TRANSPORTS, type Target, type Transport, ask, learn, operation } from '../support/operations.js';

const LIST_MEMBERS = operation('list members');
/** A member of every group here that nobody removes. */
const OTHER = '8613700000098';

interface MemberForm {
  readonly what: string;
  readonly id: string;
  readonly phoneNumber: string | null;
  /** What people would type to name the member. */
  readonly typed: readonly string[];
}

const FORMS: readonly MemberForm[] = [
  {
    what: 'digits',
    id: '8613700000001',
    phoneNumber: '8613700000001',
    typed: ['8613700000001', '+8613700000001', '+86 137 0000 0001', '86-137-0000-0001', '(86) 137.0000.0001'],
  },
  {
    what: 'a number with +',
    id: '+8613700000002',
    phoneNumber: '8613700000002',
    typed: ['+8613700000002', '8613700000002', '+86 (137) 0000-0002'],
  },
  { what: 'a user ID', id: 'US.13491208655302741918', phoneNumber: null, typed: [] },
  { what: 'the user ID of a parent', id: 'US.ENT.A1b2C3d4', phoneNumber: null, typed: [] },
  { what: 'a LID', id: '128384920@lid', phoneNumber: null, typed: [] },
  { what: 'a masked number', id: '861382***', phoneNumber: null, typed: [] },
  { what: 'any other text', id: 'Müller & Söhne', phoneNumber: null, typed: [] },
];

let gateway: TestGateway;
let target: Target;

beforeAll(async () => {
  gateway = await startTestGateway({ CAMS_PAGE_SIZE: '60' });
});
afterAll(() => gateway.close());
beforeEach(() => gateway.sandbox.reset());

async function arrange(participants: readonly string[]): Promise<void> {
  const { groupId } = await gateway.sandbox.changeGroup({
    op: 'create',
    ...ACME,
    subject: 'M',
    participants,
  });
  target = { ...ACME, groupId };
  await learn(gateway, target);
}

describe.each(TRANSPORTS)('over %s', (transport) => {
  it.each(FORMS)('lists a member by $what', async ({ id, phoneNumber }) => {
    await arrange([id]);
    expect(await members(transport)).toEqual([{ id, phoneNumber, userId: phoneNumber === null ? id : null }]);
  });

  it.each(
    FORMS.flatMap(({ what, id, typed }) => [
      [what, id, { participantIds: [id] }] as const,
      ...typed.map((text) => [what, id, { phoneNumbers: [text] }] as const),
      ...typed.map((text) => [what, id, { participantIds: [text] }] as const),
    ]),
  )('removes a member listed by %s (%s) as %j', async (_what, id, input) => {
    await arrange([OTHER, id]);
    expect(await remove(transport, input)).toEqual({ removedCount: 1, notRemoved: [] });
    expect((await members(transport)).map((member: Json) => member.id)).toEqual([OTHER]);
    const [call] = await gateway.sandbox.calls('DeleteChatGroupParticipants');
    // CAMS is sent the ID as it listed it.
    expect(call?.parameters['List']).toEqual([{ ParticipantNumber: id }]);
  });

  it('returns those that were not removed as the caller wrote them', async () => {
    await arrange([OTHER, '+8613700000002']);
    const named = { phoneNumbers: ['+86 137 0000 0002', '+86 137 9999 9999'], participantIds: ['US.404'] };
    expect(await remove(transport, named)).toEqual({
      removedCount: 1,
      notRemoved: ['+86 137 9999 9999', 'US.404'],
    });
  });

  it('replays a removal for another spelling, with the spelling of the request', async () => {
    await arrange([OTHER, '8613700000002']);
    const key = { 'idempotency-key': `spelling-${transport}` };
    const first = { phoneNumbers: ['8613700000002', '8613799999999'] };
    const again = { participantIds: ['+86 137 9999 9999', '+8613700000002'] };
    expect(await remove(transport, first, key)).toEqual({ removedCount: 1, notRemoved: ['8613799999999'] });
    expect(await remove(transport, again, key)).toEqual({
      removedCount: 1,
      notRemoved: ['+86 137 9999 9999'],
    });
    expect(await gateway.sandbox.calls('DeleteChatGroupParticipants')).toHaveLength(1);
  });

  it.each([
    ['at the start', ['', OTHER]],
    ['in the middle', ['US.1', 'None', OTHER]],
    ['at the end', [OTHER, '  ']],
    ['everywhere', ['', 'None', '']],
  ])('leaves out unusable rows %s', async (_where, participants) => {
    await arrange(participants);
    const usable = participants.filter((id) => !['', 'None', '  '].includes(id));
    expect((await members(transport)).map((member: Json) => member.id)).toEqual(usable);
  });

  it.each([0, 1, 2, 3, 8, -1, '2', null, undefined])('counts rows, not the total %p', async (Total) => {
    await arrange([]);
    await answerWith(Total, [{ ParticipantNumber: OTHER }, {}, { ParticipantNumber: 'US.1' }, null]);
    expect((await members(transport)).map((member: Json) => member.id)).toEqual([OTHER, 'US.1']);
  });

  it('shows a member once that CAMS lists in two spellings', async () => {
    await arrange([]);
    await answerWith(2, [{ ParticipantNumber: `+${OTHER}` }, { ParticipantNumber: OTHER }]);
    expect((await members(transport)).map((member: Json) => member.id)).toEqual([`+${OTHER}`]);
  });
});

describe('with pages that are smaller than a group', () => {
  it('lists and removes members of every page, with the page size of the setting', async () => {
    const small = await startTestGateway({ CAMS_PAGE_SIZE: '3' });
    try {
      const participants = Array.from({ length: 8 }, (_, index) => `861370000001${index}`);
      const { groupId } = await small.sandbox.changeGroup({
        op: 'create',
        ...ACME,
        subject: 'M',
        participants,
      });
      const path = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups/${groupId}/participants`;
      expect((await small.rest(path)).body.data.map((member: Json) => member.id)).toEqual(participants);
      const last = participants.slice(-1);
      const { body } = await small.rest(`${path}/remove`, { method: 'POST', body: { phoneNumbers: last } });
      expect(body).toEqual({ removedCount: 1, notRemoved: [] });
      const pages = (await small.sandbox.calls('ListChatGroupParticipants')).map(
        (call) => call.parameters['Page'],
      );
      expect(pages.slice(0, 3)).toEqual([1, 2, 3].map((Index) => ({ Index, Size: 3 })));
    } finally {
      await small.close();
    }
  });

  it('ends if CAMS ignores the page number', async () => {
    const small = await startTestGateway({ CAMS_PAGE_SIZE: '2' });
    try {
      const { groupId } = await small.sandbox.changeGroup({ op: 'create', ...ACME, subject: 'M' });
      const List = [{ ParticipantNumber: '8613700000001' }, { ParticipantNumber: '8613700000002' }];
      const body = JSON.stringify({ Code: 'OK', Data: { Total: 9, List } });
      await small.sandbox.fault({ kind: 'raw', action: 'ListChatGroupParticipants', body });
      const path = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups/${groupId}/participants`;
      expect((await small.rest(path)).body.data).toHaveLength(2);
      expect(await small.sandbox.calls('ListChatGroupParticipants')).toHaveLength(2);
    } finally {
      await small.close();
    }
  });
});

async function answerWith(Total: unknown, List: readonly unknown[]): Promise<void> {
  const body = JSON.stringify({ Code: 'OK', Data: { Total, List } });
  await gateway.sandbox.fault({ kind: 'raw', action: 'ListChatGroupParticipants', body });
}

async function members(transport: Transport): Promise<Json> {
  const { data, error } = await ask(gateway, transport, LIST_MEMBERS, target);
  expect(error).toBeUndefined();
  return transport === 'REST' ? data.data : data.participants;
}

async function remove(
  transport: Transport,
  input: Readonly<Record<string, readonly string[]>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Json> {
  const key = headers['idempotency-key'];
  const path = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups/${target.groupId}`;
  if (transport === 'REST') {
    const sent = { method: 'POST', body: input, headers };
    const { status, body } = await gateway.rest(`${path}/participants/remove`, sent);
    expect(status).toBe(200);
    return body;
  }
  const { body } = await gateway.graphql(
    `mutation ($input: RemoveChatGroupParticipantsInput!) {
      removeChatGroupParticipants(input: $input) { removedCount notRemoved }
    }`,
    { input: { id: encodeChatGroupId(target), ...input, ...(key !== undefined && { idempotencyKey: key }) } },
  );
  expect(body.errors).toBeUndefined();
  return body.data.removeChatGroupParticipants;
}
