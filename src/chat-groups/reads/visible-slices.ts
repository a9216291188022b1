import { Injectable } from '@nestjs/common';
import type { CamsGroupRow } from '../../cams/api.js';
import type { Slice } from './paging.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { type ChatGroup, toChatGroup } from '../model/chat-group.js';

/** Slices of one list that are remembered: callers ask for few different ones. */
const MAX_SLICES = 16;

/**
 * Slices as their callers may see them: the same array for the same list, slice and view, so that what was made of it
 * can be used again.
 */
@Injectable()
export class VisibleSlices {
  readonly #views = new WeakMap<object, Map<string, readonly ChatGroup[]>>();

  /** `listing` is what all rows are of; without it, nothing is remembered. */
  of(
    scope: TenantScope,
    rows: () => readonly CamsGroupRow[],
    { offset, limit }: Slice,
    listing: object | undefined,
  ): readonly ChatGroup[] {
    if (!listing) return viewed(scope, rows());
    const views = this.#views.get(listing) ?? new Map<string, readonly ChatGroup[]>();
    this.#views.set(listing, views);
    const name = `${offset} ${limit} ${scope.allows('groups:invite')}`;
    const known = views.get(name);
    if (known) return known;
    if (views.size >= MAX_SLICES) views.clear();
    const view = viewed(scope, rows());
    views.set(name, view);
    return view;
  }
}

function viewed(scope: TenantScope, rows: readonly CamsGroupRow[]): readonly ChatGroup[] {
  return Object.freeze(rows.map((row) => toChatGroup(scope, row)));
}
