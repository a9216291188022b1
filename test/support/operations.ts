import { MAX_PAGE_SIZE } from '../../src/chat-groups/model/page-size.js';
import { encodeChatGroupId } from '../../src/chat-groups/model/chat-group-id.js';
import type { Answer, Json, RequestOptions, TestGateway } from './gateway.js';

/** The target of an operation. Tests may set any part to an invalid value. */
export interface Target {
  readonly custSpaceId: string;
  readonly businessNumber: string;
  readonly groupId: string;
  /** Subject that creating or updating a group sets. Default: {@link NEW_SUBJECT}. */
  readonly subject?: string;
}

export interface OperationCase {
  readonly name: string;
  readonly kind: 'read' | 'write';
  /** Whether the operation targets a group. */
  readonly ofGroup: boolean;
  readonly permission: string;
  /** The upstream action that implements it. */
  readonly action: string;
  readonly rest: (target: Target) => {
    readonly method: string;
    readonly path: string;
    readonly body?: unknown;
  };
  readonly restStatus: number;
  readonly graphql: (target: Target) => {
    readonly query: string;
    readonly variables: Record<string, unknown>;
  };
  /** Name of the GraphQL result in `data`. */
  readonly field: string;
}

/** A member of every group in these cases. */
export const MEMBER = '8613700000099';
export const NEW_SUBJECT = 'Kyoto in May';

const groupsPath = ({ custSpaceId, businessNumber }: Target): string =>
  `/v1/spaces/${encodeURIComponent(custSpaceId)}/numbers/${encodeURIComponent(businessNumber)}/groups`;
const groupPath = (target: Target): string => `${groupsPath(target)}/${encodeURIComponent(target.groupId)}`;

const subjectOf = ({ subject = NEW_SUBJECT }: Target): string => subject;

const FIELDS =
  'id groupId custSpaceId businessNumber channelType subject description status rawStatus inviteLink inviteLinkVisible etag profilePictureUrl participantCount groupType groupLink businessRole';
const WRITTEN = 'coherence requestId upstreamRequestId';

const mutation = (
  name: string,
  selection: string,
  more: (target: Target) => Record<string, unknown> = () => ({}),
): OperationCase['graphql'] => {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
  return (target) => ({
    query: `mutation ($input: ${type}!) { ${name}(input: $input) { ${WRITTEN} ${selection} } }`,
    variables: { input: { id: encodeChatGroupId(target), ...more(target) } },
  });
};

/** Every operation, for both transports. */
export const OPERATIONS: readonly OperationCase[] = [
  {
    name: 'list groups',
    kind: 'read',
    ofGroup: false,
    permission: 'groups:read',
    action: 'ListChatGroup',
    rest: (target) => ({ method: 'GET', path: `${groupsPath(target)}?size=5` }),
    restStatus: 200,
    graphql: ({ custSpaceId, businessNumber }) => ({
      query: `query ($custSpaceId: ID, $businessNumber: String!) {
        chatGroups(custSpaceId: $custSpaceId, businessNumber: $businessNumber, first: 5) {
          totalCount asOf stale nodes { ${FIELDS} } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        }
      }`,
      variables: { custSpaceId, businessNumber },
    }),
    field: 'chatGroups',
  },
  {
    name: 'read a group',
    kind: 'read',
    ofGroup: true,
    permission: 'groups:read',
    action: 'ListChatGroup',
    rest: (target) => ({ method: 'GET', path: groupPath(target) }),
    restStatus: 200,
    graphql: (target) => ({
      query: `query ($id: ID!) { chatGroup(id: $id) { ${FIELDS} } }`,
      variables: { id: encodeChatGroupId(target) },
    }),
    field: 'chatGroup',
  },
  {
    name: 'read a node',
    kind: 'read',
    ofGroup: true,
    permission: 'groups:read',
    action: 'ListChatGroup',
    // REST has a path per kind of resource instead.
    rest: (target) => ({ method: 'GET', path: groupPath(target) }),
    restStatus: 200,
    graphql: (target) => ({
      query: `query ($id: ID!) { node(id: $id) { __typename id ... on ChatGroup { ${FIELDS} } } }`,
      variables: { id: encodeChatGroupId(target) },
    }),
    field: 'node',
  },
  {
    name: 'list members',
    kind: 'read',
    ofGroup: true,
    permission: 'participants:read',
    action: 'ListChatGroupParticipants',
    rest: (target) => ({ method: 'GET', path: `${groupPath(target)}/participants` }),
    restStatus: 200,
    graphql: (target) => ({
      query: 'query ($id: ID!) { chatGroup(id: $id) { participants { id phoneNumber userId } } }',
      variables: { id: encodeChatGroupId(target) },
    }),
    field: 'chatGroup',
  },
  {
    name: 'create a group',
    kind: 'write',
    ofGroup: false,
    permission: 'groups:write',
    action: 'AddChatGroup',
    rest: (target) => ({ method: 'POST', path: groupsPath(target), body: { subject: subjectOf(target) } }),
    restStatus: 201,
    graphql: (target) => ({
      query: `mutation ($input: CreateChatGroupInput!) {
        createChatGroup(input: $input) { ${WRITTEN} operation { id status subject custSpaceId businessNumber createdAt expiresAt attempts uniqueCode detail } chatGroup { ${FIELDS} } }
      }`,
      variables: {
        input: {
          custSpaceId: target.custSpaceId,
          businessNumber: target.businessNumber,
          subject: subjectOf(target),
        },
      },
    }),
    field: 'createChatGroup',
  },
  {
    name: 'update a group',
    kind: 'write',
    ofGroup: true,
    permission: 'groups:write',
    action: 'UpdateChatGroup',
    rest: (target) => ({ method: 'PATCH', path: groupPath(target), body: { subject: subjectOf(target) } }),
    restStatus: 200,
    graphql: mutation('updateChatGroup', `chatGroup { ${FIELDS} }`, (target) => ({
      subject: subjectOf(target),
    })),
    field: 'updateChatGroup',
  },
  {
    name: 'delete a group',
    kind: 'write',
    ofGroup: true,
    permission: 'groups:delete',
    action: 'DeleteChatGroup',
    rest: (target) => ({ method: 'DELETE', path: groupPath(target) }),
    restStatus: 204,
    graphql: mutation('deleteChatGroup', 'deletedId'),
    field: 'deleteChatGroup',
  },
  {
    name: 'create an invite link',
    kind: 'write',
    ofGroup: true,
    permission: 'groups:invite',
    action: 'AddChatGroupInviteLink',
    rest: (target) => ({ method: 'POST', path: `${groupPath(target)}/invite-link` }),
    restStatus: 200,
    graphql: mutation('createChatGroupInviteLink', `chatGroup { ${FIELDS} }`),
    field: 'createChatGroupInviteLink',
  },
  {
    name: 'delete the invite link',
    kind: 'write',
    ofGroup: true,
    permission: 'groups:invite',
    action: 'DeleteChatGroupInviteLink',
    rest: (target) => ({ method: 'DELETE', path: `${groupPath(target)}/invite-link` }),
    restStatus: 204,
    graphql: mutation('deleteChatGroupInviteLink', `chatGroup { ${FIELDS} }`),
    field: 'deleteChatGroupInviteLink',
  },
  {
    name: 'remove members',
    kind: 'write',
    ofGroup: true,
    permission: 'participants:remove',
    action: 'DeleteChatGroupParticipants',
    rest: (target) => ({
      method: 'POST',
      path: `${groupPath(target)}/participants/remove`,
      body: { phoneNumbers: [MEMBER] },
    }),
    restStatus: 200,
    graphql: mutation(
      'removeChatGroupParticipants',
      `chatGroup { ${FIELDS} } removedCount notRemoved`,
      () => ({
        phoneNumbers: [MEMBER],
      }),
    ),
    field: 'removeChatGroupParticipants',
  },
];

/** Returns an operation by its name. */
export function operation(name: string): OperationCase {
  const found = OPERATIONS.find((one) => one.name === name);
  if (!found) throw new Error(`No operation is called ${name}.`);
  return found;
}

export type Transport = 'REST' | 'GraphQL';
export const TRANSPORTS: readonly Transport[] = ['REST', 'GraphQL'];

/** The result in a form common to both transports: data, or an error of the catalogue. */
export interface Outcome {
  readonly answer: Answer;
  readonly data: Json;
  /** The problem (REST), or the `extensions` of the first error (GraphQL). */
  readonly error: Json;
}

/** Runs one operation over one transport. */
export async function ask(
  gateway: TestGateway,
  transport: Transport,
  operation: OperationCase,
  target: Target,
  options: RequestOptions = {},
): Promise<Outcome> {
  if (transport === 'REST') {
    const { path, ...request } = operation.rest(target);
    const answer = await gateway.rest(path, { ...request, ...options });
    const failed = answer.status >= 400;
    return { answer, data: failed ? undefined : answer.body, error: failed ? answer.body : undefined };
  }
  const { query, variables } = operation.graphql(target);
  const answer = await gateway.graphql(query, variables, options);
  return { answer, data: answer.body?.data?.[operation.field], error: answer.body?.errors?.[0]?.extensions };
}

/** Creates a group with a link, {@link MEMBER} and a subject that no case uses. */
export async function arrangeGroup(
  gateway: TestGateway,
  scope: { readonly custSpaceId: string; readonly businessNumber: string },
): Promise<Target> {
  const { groupId } = await gateway.sandbox.changeGroup({
    op: 'create',
    ...scope,
    subject: 'Arranged',
    inviteLink: true,
    participants: [MEMBER, '8613700000098'],
  });
  return { ...scope, groupId };
}

/** Makes the gateway see every group of the scope, so that later ownership checks need no upstream call. */
export async function learn(gateway: TestGateway, target: Target): Promise<void> {
  const { status, body } = await gateway.rest(`${groupsPath(target)}?size=${MAX_PAGE_SIZE}`);
  if (status !== 200) throw new Error(`The groups could not be listed: ${status} ${JSON.stringify(body)}`);
}
