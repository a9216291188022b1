/**
 * The wire types of CAMS, API version 2020-06-06, chat groups: PascalCase as the upstream writes them.
 * Source: the vendor's API reference and SDKs. All operations are RPC calls: `POST /`, every parameter in the
 * query string, structured parameters (`Page`, `List`) as one parameter that holds JSON.
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

/** Fields of every answer. `Code` decides: `OK` is success, whatever `Success` says. */
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
  /** One of {@link CAMS_GROUP_STATUSES}, or a value nobody has seen yet. */
  GroupStatus?: string | null;
  ProfilePictureFile?: string | null;
  TotalParticipantCount?: number | null;
}

export interface CamsParticipant {
  ParticipantNumber: string;
}

export interface CamsList<Item> {
  Total: number;
  List: Item[];
}
