import {
  type CamsAffected,
  type CamsBody,
  type CamsGroupPage,
  type CamsLink,
  type CamsParticipants,
  type PageFields,
  readAffected,
  readGroupPage,
  readInviteLink,
  readParticipants,
  readUniqueCode,
} from './answer-shapes.js';
import type { TenantScope } from '../tenancy/tenant-scope.js';
import type { CamsAction, CamsGroupStatus, CamsPage, CamsParticipant } from './wire.js';

export type { CamsAffected, CamsGroupPage, CamsGroupRow, CamsParticipants } from './answer-shapes.js';

/** A status that `ListChatGroup` can filter by. */
export type CamsListableStatus = CamsGroupStatus;

/** A group that tenancy has verified to belong to the scope. */
interface GroupFields {
  readonly groupId: string;
}

/** Input and result of each operation, in our terms. Space, number and channel come from the scope alone. */
export interface CamsCalls {
  listChatGroups: {
    fields: {
      readonly page: PageFields;
      readonly status?: CamsListableStatus | undefined;
      readonly subject?: string | undefined;
    };
    result: CamsGroupPage;
  };
  /** CAMS does not return a group ID: the new group must be found by listing. */
  addChatGroup: {
    fields: { readonly subject: string; readonly description?: string | undefined };
    result: { readonly uniqueCode?: string | undefined };
  };
  updateChatGroup: {
    fields: GroupFields & {
      readonly subject?: string | undefined;
      readonly description?: string | undefined;
      readonly profilePictureUrl?: string | undefined;
    };
    result: CamsAffected;
  };
  deleteChatGroup: { fields: GroupFields; result: CamsAffected };
  addInviteLink: { fields: GroupFields; result: CamsLink };
  deleteInviteLink: { fields: GroupFields; result: CamsAffected };
  listParticipants: { fields: GroupFields & { readonly page: PageFields }; result: CamsParticipants };
  deleteParticipants: {
    /** IDs as CAMS lists them. */
    fields: GroupFields & { readonly participantIds: readonly string[] };
    result: CamsAffected;
  };
}

export type CamsOperationName = keyof CamsCalls;
export type Fields<Name extends CamsOperationName> = CamsCalls[Name]['fields'];
export type Result<Name extends CamsOperationName> = CamsCalls[Name]['result'];

/** Query parameters by their upstream names. Those that are `undefined` are not sent. */
export type CamsQuery = Readonly<Record<string, string | undefined>>;

/** A write is never sent twice. If its response is lost, its outcome is unknown. */
export type CamsKind = 'read' | 'write';

export interface CamsOperation<OwnFields, OwnResult> {
  readonly action: CamsAction;
  readonly kind: CamsKind;
  readonly query: (fields: OwnFields) => CamsQuery;
  /** Result of a write that WhatsApp executed in part, according to this code: success, with the details to be read back. */
  readonly inPart?: (code: string) => OwnResult;
  /** Parses a successful response. Throws `MalformedAnswer` and `ShortPage`. */
  readonly read: (body: CamsBody, fields: OwnFields, scope: Pick<TenantScope, 'businessNumber'>) => OwnResult;
}

const someAffected = (code: string): CamsAffected => ({ affected: 1, inPart: code });

/** The eight chat group operations of CAMS: the only place that knows the request and response format of each. */
export const CAMS_OPERATIONS: {
  readonly [Name in CamsOperationName]: CamsOperation<Fields<Name>, Result<Name>>;
} = {
  listChatGroups: {
    action: 'ListChatGroup',
    kind: 'read',
    query: ({ page, status, subject }) => ({
      Page: pageParameter(page),
      GroupStatus: status,
      Subject: subject,
    }),
    read: (body, { page }, scope) => readGroupPage(body, page, scope.businessNumber),
  },
  addChatGroup: {
    action: 'AddChatGroup',
    kind: 'write',
    query: ({ subject, description }) => ({ Subject: subject, Description: description }),
    inPart: () => ({}),
    read: readUniqueCode,
  },
  updateChatGroup: {
    action: 'UpdateChatGroup',
    kind: 'write',
    query: ({ groupId, subject, description, profilePictureUrl }) => ({
      GroupId: groupId,
      Subject: subject,
      Description: description,
      ProfilePictureFile: profilePictureUrl,
    }),
    inPart: someAffected,
    read: readAffected,
  },
  deleteChatGroup: {
    action: 'DeleteChatGroup',
    kind: 'write',
    query: groupParameter,
    inPart: someAffected,
    read: readAffected,
  },
  addInviteLink: {
    action: 'AddChatGroupInviteLink',
    kind: 'write',
    query: groupParameter,
    inPart: (code) => ({ inPart: code }),
    read: readInviteLink,
  },
  deleteInviteLink: {
    action: 'DeleteChatGroupInviteLink',
    kind: 'write',
    query: groupParameter,
    inPart: someAffected,
    read: readAffected,
  },
  listParticipants: {
    action: 'ListChatGroupParticipants',
    kind: 'read',
    query: ({ groupId, page }) => ({ GroupId: groupId, Page: pageParameter(page) }),
    read: readParticipants,
  },
  deleteParticipants: {
    action: 'DeleteChatGroupParticipants',
    kind: 'write',
    query: ({ groupId, participantIds }) => ({
      GroupId: groupId,
      List: JSON.stringify(participantIds.map((id): CamsParticipant => ({ ParticipantNumber: id }))),
    }),
    inPart: someAffected,
    read: readAffected,
  },
};

function groupParameter({ groupId }: GroupFields): CamsQuery {
  return { GroupId: groupId };
}

/** Structured parameters must be serialised as JSON: a raw object would be signed as `[object Object]`. */
function pageParameter({ index, size }: PageFields): string {
  const page: CamsPage = { Index: index, Size: size };
  return JSON.stringify(page);
}
