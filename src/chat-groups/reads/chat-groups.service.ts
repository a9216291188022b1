import { Injectable } from '@nestjs/common';
import { PageCache } from '../../cache/page-cache.js';
import { CamsClient } from '../../cams/cams-client.js';
import { Cursors, type PagingArgs, type Slice, resolveSlice } from './paging.js';
import { Config } from '../../config/config.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import type { Listing } from '../../cache/listing.js';
import { ListingMemo, withMemo } from '../../cache/listing-memo.js';
import { type ChatGroup, type ChatGroupParticipant, toChatGroup, viewKey } from '../model/chat-group.js';
import { etag } from '../model/etag.js';
import { type GroupFilter, GroupPages, type GroupSlice } from './group-pages.js';
import { Ownership } from './ownership.js';

const MEMBERS_FRESH_MS = 5_000;

/** A slice of a list, as the caller may see it. */
export interface ChatGroupSlice extends Omit<GroupSlice, 'rows' | 'listing'> {
  readonly groups: () => readonly ChatGroup[];
  /** Memoizes what is derived from this slice, for callers that see the same fields of it. */
  readonly memo: ListingMemo;
  readonly slice: Slice;
  readonly cursors: Cursors;
}

/** A group, as the caller may see it. */
export interface ShownGroup {
  readonly group: ChatGroup;
  readonly etag: string;
}

/** Reads groups and members. */
@Injectable()
export class ChatGroupsService {
  constructor(
    private readonly pages: GroupPages,
    private readonly ownership: Ownership,
    private readonly cams: CamsClient,
    private readonly cache: PageCache,
    private readonly config: Config,
  ) {}

  /** Returns groups of a scope, paged forward, backward or by offset. */
  async list(
    scope: TenantScope,
    { status, subject }: GroupFilter,
    paging: PagingArgs,
  ): Promise<ChatGroupSlice> {
    // Callers pass all arguments of a request; only these two may reach the upstream call.
    const filter = { ...(status !== undefined && { status }), ...(subject !== undefined && { subject }) };
    const cursors = new Cursors([scope.key, filter.status ?? null, filter.subject ?? null]);
    const readTotal = async (): Promise<number> => (await this.pages.page(scope, filter, 1)).value.total;
    const slice = await resolveSlice(paging, cursors, readTotal);
    const { rows, listing, ...rest } = await this.pages.slice(scope, filter, slice);
    const memo = this.#memoOf(scope, listing).part(`slice ${slice.offset} ${slice.limit}`);
    const groups = (): ChatGroup[] => rows().map((row) => toChatGroup(scope, row));
    return { ...rest, groups, memo, slice, cursors };
  }

  /** Returns a group. Throws `NOT_FOUND`. */
  async get(scope: TenantScope, groupId: string): Promise<ShownGroup> {
    const { row, listing } = await this.ownership.findListed(scope, groupId);
    const memo = this.#memoOf(scope, listing).part(row);
    return memo.of('shown', () => {
      const group = toChatGroup(scope, row);
      return { group: withMemo(group, memo), etag: etag(group) };
    });
  }

  /** Returns the members of a group; WhatsApp allows at most eight. Throws `NOT_FOUND`. */
  async participants(scope: TenantScope, groupId: string): Promise<ChatGroupParticipant[]> {
    await this.ownership.prove(scope, groupId);
    const page = await this.cache.read(scope, JSON.stringify(['participants', groupId]), {
      list: async () => (await this.cams.call(scope, 'listParticipants', { groupId })).result,
      // People join by invite link, without the gateway.
      lifetimes: () => ({
        freshMs: Math.min(this.config.cache.freshMs, MEMBERS_FRESH_MS),
        staleWhileRevalidateMs: 0,
        staleIfErrorMs: 0,
      }),
      deadlineMs: scope.request.deadlineMs,
    });
    const { phoneNumbers } = page.value;
    // CAMS lists no members for a deleted group, and the proof of ownership may be older than the deletion.
    if (phoneNumbers.length === 0) await this.ownership.find(scope, groupId);
    return phoneNumbers.map((phoneNumber) => ({ phoneNumber }));
  }

  #memoOf(scope: TenantScope, listing: Listing | undefined): ListingMemo {
    const memo = (this.config.fastPath && listing?.memo) || new ListingMemo();
    return memo.part(viewKey(scope));
  }
}
