/**
 * Wire types of the CAMS chat group API, version 2020-06-06, in the upstream's PascalCase.
 * Source: the vendor's API reference and SDKs. All operations are RPC calls: `POST /`, with every parameter in the
 * query string. Structured parameters (`Page`, `List`) are serialised as JSON.
 */
export const CAMS_VERSION = '2020-06-06';

export type CamsAction =
  | 'AddChatGroup'
  | 'UpdateChatGroup'
  | 'DeleteChatGroup'
  | 'AddChatGroupInviteLink'
  | 'ListChatGroup'
  | 'DeleteChatGroupInviteLink'
  | 'ListChatGroupParticipants'
  | 'DeleteChatGroupParticipants';

export const CAMS_GROUP_STATUSES = [
  'ACTIVE',
  'INACTIVE',
  'SUSPENDED',
  'CREATING',
  'DELETING',
  'UPDATING',
] as const;
export type CamsGroupStatus = (typeof CAMS_GROUP_STATUSES)[number];

/** Fields of every response. `Code` decides: `OK` is success, regardless of `Success`. */
export interface CamsEnvelope {
  Code?: string;
  Message?: string;
  RequestId?: string;
  Success?: boolean;
  AccessDeniedDetail?: unknown;
}

/** `Index` counts from 1. */
export interface CamsPage {
  Index: number;
  Size: number;
}

export interface CamsChatGroup {
  GroupId: string;
  Subject?: string | null;
  Description?: string | null;
  BusinessNumber?: string | null;
  InviteLink?: string | null;
  /** One of {@link CAMS_GROUP_STATUSES}, or an undocumented value. */
  GroupStatus?: string | null;
  ProfilePictureFile?: string | null;
  TotalParticipantCount?: number | null;
  /** Newer fields. The vendor describes them for Telegram groups. */
  GroupType?: string | null;
  GroupLink?: string | null;
  BusinessRole?: string | null;
}

export interface CamsParticipant {
  /** A phone number with or without `+`, or another ID, such as Meta's business-scoped user ID. */
  ParticipantNumber: string;
}

export interface CamsList<Item> {
  Total: number;
  List: Item[];
}
