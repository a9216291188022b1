import { encodeChatGroupId } from '../../../src/chat-groups/model/chat-group-id.js';
import { call } from './http.js';
import { type Kind, MEMBERS, type Write } from './plan.js';
import { fieldOf } from './rest-write.js';
import { SPACE } from './settings.js';
import { failed, NO_ANSWER, type ClientOutcome } from './client-outcome.js';

const MUTATIONS: Readonly<Record<Kind, readonly [name: string, type: string, fields: string]>> = {
  create: [
    'createChatGroup',
    'CreateChatGroupInput',
    'operation { id status } chatGroup { groupId inviteLink }',
  ],
  update: ['updateChatGroup', 'UpdateChatGroupInput', 'chatGroup { groupId }'],
  delete: ['deleteChatGroup', 'DeleteChatGroupInput', 'deletedId'],
  remove: ['removeChatGroupParticipants', 'RemoveChatGroupParticipantsInput', 'removedCount notRemoved'],
  link: ['createChatGroupInviteLink', 'CreateChatGroupInviteLinkInput', 'chatGroup { inviteLink }'],
  unlink: ['deleteChatGroupInviteLink', 'DeleteChatGroupInviteLinkInput', 'chatGroup { inviteLink }'],
};

interface Payload {
  readonly operation?: { readonly id: string; readonly status: string };
  readonly chatGroup?: { readonly groupId?: string; readonly inviteLink?: string | null } | null;
}

interface Body {
  readonly data?: Readonly<Record<string, Payload | null>> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: {
      readonly code?: string;
      readonly retryable?: boolean;
      readonly operationId?: string;
    };
  }[];
  readonly extensions?: { readonly idempotencyReplayed?: boolean };
}

/** Sends a write over GraphQL. */
export async function overGraphql(url: string, write: Write): Promise<ClientOutcome> {
  const [name, type, fields] = MUTATIONS[write.kind];
  const query = `mutation($input: ${type}!) { ${name}(input: $input) { coherence ${fields} } }`;
  const input = { ...inputOf(write), idempotencyKey: write.idempotencyKey };
  const answer = await call(`${url}/graphql`, 'POST', { query, variables: { input } });
  if (!answer) return NO_ANSWER;
  const { data, errors, extensions } = (answer.body ?? {}) as Body;
  const replayed = extensions?.idempotencyReplayed === true;
  const payload = data?.[name];
  if (!payload) {
    const [error] = errors ?? [];
    const told = error?.extensions;
    const more = { operationId: told?.operationId, detail: error?.message };
    return failed(told?.code ?? `status ${answer.status}`, told?.retryable === true, replayed, more);
  }
  const outcome = { code: 'GraphQL', retryable: false, replayed, link: payload.chatGroup?.inviteLink };
  const { operation } = payload;
  if (!operation) return { ...outcome, kind: 'done' };
  if (operation.status === 'PENDING') return { ...outcome, kind: 'pending', operationId: operation.id };
  if (operation.status === 'UNRESOLVED') return { ...outcome, kind: 'unresolved', operationId: operation.id };
  return { ...outcome, kind: 'done', groupId: payload.chatGroup?.groupId, linkFailed: errors !== undefined };
}

function inputOf(write: Write): Record<string, unknown> {
  const { kind, mark, businessNumber, groupId, withInviteLink } = write;
  if (kind === 'create') return { custSpaceId: SPACE, businessNumber, subject: mark, withInviteLink };
  const id = encodeChatGroupId({ custSpaceId: SPACE, businessNumber, groupId });
  if (kind === 'update') return { id, [fieldOf(write)]: mark };
  return kind === 'remove' ? { id, phoneNumbers: MEMBERS.slice(0, 2) } : { id };
}
