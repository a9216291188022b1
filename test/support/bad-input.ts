import { encodeChatGroupId } from '../../src/chat-groups/model/chat-group-id.js';
import type { Answer, Json, TestGateway } from './gateway.js';
import type { Target, Transport } from './operations.js';

export type Fields = Readonly<Record<string, unknown>>;

/** A call with input fields, and how each transport sends them. */
export interface FieldCall {
  readonly name: string;
  /** Valid fields. */
  readonly good: Fields;
  readonly rest: (target: Target) => { readonly method: string; readonly path: string };
  /** Name of the mutation; `identity` is the rest of its input. */
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

/** The result of a call, in the same form for both transports. */
export interface Verdict {
  readonly answer: Answer;
  /** Distinct error codes; empty on success. */
  readonly codes: readonly string[];
  /** Fields with violations. */
  readonly fields: readonly string[];
}

/** Sends the fields as they are, without correcting them. */
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
