import { encodeChatGroupId } from '../../src/chat-groups/model/chat-group-id.js';
import type { Answer, Json, TestGateway } from './gateway.js';
import type { Target, Transport } from './operations.js';

export type Fields = Readonly<Record<string, unknown>>;

/** A call that takes fields, and how each transport carries them. */
export interface FieldCall {
  readonly name: string;
  /** Fields with which it succeeds. */
  readonly good: Fields;
  readonly rest: (target: Target) => { readonly method: string; readonly path: string };
  /** Name of the mutation, and what its input holds beside the fields. */
  readonly mutation: string;
  readonly identity: (target: Target) => Fields;
}

const groups = ({ custSpaceId, businessNumber }: Target): string =>
  `/v1/spaces/${custSpaceId}/numbers/${businessNumber}/groups`;
const id = (target: Target): Fields => ({ id: encodeChatGroupId(target) });

export const CREATE: FieldCall = {
  name: 'create',
  good: { subject: 'Kyoto in May' },
  rest: (target) => ({ method: 'POST', path: groups(target) }),
  mutation: 'createChatGroup',
  identity: ({ custSpaceId, businessNumber }) => ({ custSpaceId, businessNumber }),
};

export const UPDATE: FieldCall = {
  name: 'update',
  good: { subject: 'Kyoto in May' },
  rest: (target) => ({ method: 'PATCH', path: `${groups(target)}/${target.groupId}` }),
  mutation: 'updateChatGroup',
  identity: id,
};

export const REMOVE: FieldCall = {
  name: 'remove members',
  good: { phoneNumbers: ['8613700000099'] },
  rest: (target) => ({ method: 'POST', path: `${groups(target)}/${target.groupId}/participants/remove` }),
  mutation: 'removeChatGroupParticipants',
  identity: id,
};

/** What came back, the same for both transports. */
export interface Verdict {
  readonly answer: Answer;
  /** Codes of the errors, each once; none: it succeeded. */
  readonly codes: readonly string[];
  /** Fields that were found wrong. */
  readonly fields: readonly string[];
}

/** Sends the fields, and nothing that makes them right. */
export async function send(
  gateway: TestGateway,
  transport: Transport,
  call: FieldCall,
  target: Target,
  fields: Fields,
): Promise<Verdict> {
  if (transport === 'REST') {
    const { method, path } = call.rest(target);
    return verdict(await gateway.rest(path, { method, body: fields }));
  }
  const type = `${call.mutation[0]?.toUpperCase()}${call.mutation.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) { ${call.mutation}(input: $input) { requestId } }`;
  return verdict(await gateway.graphql(query, { input: { ...call.identity(target), ...fields } }));
}

export function verdict(answer: Answer): Verdict {
  const errors: Json[] = answer.body?.errors?.map((error: Json) => error.extensions) ?? [];
  if (errors.length === 0 && answer.status >= 400) errors.push(answer.body);
  const violations = errors.flatMap((error) => (error.violations ?? []) as { field: string }[]);
  return {
    answer,
    codes: [...new Set(errors.map((error) => String(error.code)))],
    fields: violations.map(({ field }) => field).toSorted(),
  };
}
