import type { CamsGroupRow } from '../../cams/api.js';
import { digestOf } from '../../util/digest.js';

export interface GroupChanges {
  readonly subject?: string;
  readonly description?: string;
  readonly profilePictureUrl?: string;
}

/** Returns whether a group, as listed, shows the changes. */
export function shows(row: CamsGroupRow, changes: GroupChanges): boolean {
  return (Object.keys(changes) as (keyof GroupChanges)[]).every((field) => row[field] === changes[field]);
}

/** Returns a digest of the fields of a group that the changes touch. */
export function touchedDigest(row: CamsGroupRow, changes: GroupChanges): string {
  const fields = (Object.keys(changes) as (keyof GroupChanges)[]).toSorted();
  return digestOf(fields.map((field) => JSON.stringify([field, row[field] ?? null])));
}

/** Returns the group with changes that CAMS does not show yet. */
export function updating(row: CamsGroupRow, changes: GroupChanges): CamsGroupRow {
  return { ...row, ...changes, status: 'UPDATING' };
}
