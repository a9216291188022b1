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

/** One state of a group; never changed, only replaced by the next. */
export interface Group {
  readonly id: string;
  readonly custSpaceId: string;
  readonly businessNumber: string;
  readonly subject: string;
  readonly description?: string | undefined;
  readonly inviteLink?: string | undefined;
  readonly profilePictureFile?: string | undefined;
  /** Any text: a status that nobody has seen yet can come from the real upstream too. */
  readonly status: string;
  readonly participants: readonly string[];
  /** Numbers that were removed, and so cannot come back by a link. */
  readonly removed: readonly string[];
  readonly modifiedAt: number;
  /** From then on lists have it. */
  readonly listedAt: number;
  /** Until then lists call it `CREATING`. */
  readonly activeAt: number;
}

/** What may be changed about a group. */
export type GroupChange = Partial<
  Pick<
    Group,
    'subject' | 'description' | 'inviteLink' | 'profilePictureFile' | 'status' | 'participants' | 'removed'
  >
>;
