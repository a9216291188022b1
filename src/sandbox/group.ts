import type { CamsGroupStatus } from '../cams/wire.js';

/** The statuses that a caller may filter by. */
export const GROUP_STATUSES: readonly CamsGroupStatus[] = [
  'ACTIVE',
  'INACTIVE',
  'SUSPENDED',
  'CREATING',
  'DELETING',
  'UPDATING',
];

/** An immutable snapshot of a group. */
export interface Group {
  readonly id: string;
  readonly custSpaceId: string;
  readonly businessNumber: string;
  readonly subject: string;
  readonly description?: string | undefined;
  readonly inviteLink?: string | undefined;
  readonly profilePictureFile?: string | undefined;
  /** Telegram's, as {@link groupLink}: most groups have neither. */
  readonly groupType?: string | undefined;
  readonly groupLink?: string | undefined;
  readonly businessRole?: string | undefined;
  /** Any text, because the real upstream may also return unknown statuses. */
  readonly status: string;
  /** Ids of members as they were added: see `sameNumber`. */
  readonly participants: readonly string[];
  /** Members who were removed and therefore cannot rejoin by link. */
  readonly removed: readonly string[];
  readonly modifiedAt: number;
  /** Time from which lists include the group. */
  readonly listedAt: number;
  /** Time until which lists show the group as `CREATING`. */
  readonly activeAt: number;
}

/** The mutable fields of a group. */
export type GroupChange = Partial<
  Pick<
    Group,
    | 'subject'
    | 'description'
    | 'inviteLink'
    | 'profilePictureFile'
    | 'groupType'
    | 'groupLink'
    | 'businessRole'
    | 'status'
    | 'participants'
    | 'removed'
  >
>;
