import { Injectable } from '@nestjs/common';
import type { CamsGroupRow } from '../../cams/api.js';
import { GatewayError } from '../../errors/gateway-error.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { digestOf } from '../../util/digest.js';
import { GroupPages } from '../reads/group-pages.js';
import { Ownership } from '../reads/ownership.js';

/** Texts of a group that can be long. */
export type GroupTexts = Partial<Pick<CamsGroupRow, (typeof FIELDS)[number]>>;

const FIELDS = ['description', 'profilePictureUrl'] as const;
/** Characters. A record with a longer text could be ten times the size of one without. */
const MAX_STORED = 200;

/** A group as stored, with digests of the texts that are left out. */
interface StoredRow extends CamsGroupRow {
  readonly omitted?: Readonly<Partial<Record<keyof GroupTexts, string>>>;
}

/** Returns the group as it is stored with the outcome of a write: digests instead of long texts. */
export function withoutLongTexts(row: CamsGroupRow): CamsGroupRow {
  const long = FIELDS.filter((field) => (row[field]?.length ?? 0) > MAX_STORED);
  if (long.length === 0) return row;
  const omitted = Object.fromEntries(long.map((field) => [field, digestOf([row[field] ?? ''])]));
  const kept = Object.fromEntries(Object.entries(row).filter(([field]) => !(field in omitted)));
  return { ...kept, groupId: row.groupId, status: row.status, omitted } as StoredRow;
}

/** Completes stored groups for replays. */
@Injectable()
export class LongTexts {
  constructor(
    private readonly pages: GroupPages,
    private readonly ownership: Ownership,
  ) {}

  /**
   * Returns the group with its long texts: those of the request, which are the same as in the first request, or those that
   * CAMS lists. A text that was changed since is shown as it is now; without the group, it is left out.
   */
  async restored(scope: TenantScope, stored: StoredRow, ofRequest: GroupTexts = {}): Promise<CamsGroupRow> {
    const { omitted, ...row } = stored;
    if (!omitted) return stored;
    const fields = FIELDS.filter((field) => omitted[field] !== undefined);
    const isStored = (texts: GroupTexts | undefined, field: keyof GroupTexts): boolean =>
      texts?.[field] !== undefined && digestOf([texts[field]]) === omitted[field];
    const known = [ofRequest, this.pages.lastListed(scope, row.groupId)];
    const sourceOf = (field: keyof GroupTexts): GroupTexts | undefined =>
      known.find((texts) => isStored(texts, field));
    const isComplete = fields.every((field) => sourceOf(field) !== undefined);
    const now = isComplete ? undefined : await this.#listed(scope, row.groupId);
    const texts = fields.map((field) => [field, (sourceOf(field) ?? now)?.[field]] as const);
    return { ...row, ...Object.fromEntries(texts) };
  }

  /** Returns `undefined` if the group cannot be read: a replay must not fail for a text. */
  async #listed(scope: TenantScope, groupId: string): Promise<CamsGroupRow | undefined> {
    try {
      return await this.ownership.findOrUndefined(scope, groupId);
    } catch (error) {
      if (error instanceof GatewayError) return undefined;
      throw error;
    }
  }
}
