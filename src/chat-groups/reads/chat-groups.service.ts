import { Injectable } from '@nestjs/common';
import { PageCache } from '../../cache/page-cache.js';
import type { Cursors } from './cursors.js';
import { type JoinedSlice, cursorsOf, joinedSlice } from './joined-lists.js';
import { type PagingArgs, resolveSlice } from './paging.js';
import { Config } from '../../config/config.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import type { Listing } from '../../cache/listing.js';
import { ListingMemo, withMemo } from '../../cache/listing-memo.js';
import {
  type ChatGroup,
  type ChatGroupParticipant,
  toChatGroup,
  toParticipant,
  viewKey,
} from '../model/chat-group.js';
import { type GroupFilter, GroupPages } from './group-pages.js';
import type { GroupSlice } from './group-slice.js';
import { Ownership } from './ownership.js';
import { ParticipantReads } from './participants.js';

const MEMBERS_FRESH_MS = 5_000;

/** A slice of a list, as the caller may see it. */
export interface ChatGroupSlice {
  readonly listed: GroupSlice;
  readonly cursors: Cursors;
  /** Memoizes what is derived from this slice, for callers that see the same fields of it. */
  readonly memo: ListingMemo;
  readonly groups: () => readonly ChatGroup[];
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
    private readonly members: ParticipantReads,
    private readonly cache: PageCache,
    private readonly config: Config,
  ) {}

  /** Returns groups of a scope, paged forward, backward or by offset. */
  async list(scope: TenantScope, asked: GroupFilter, paging: PagingArgs): Promise<ChatGroupSlice> {
    const filter = onlyFilter(asked);
    const cursors = cursorsOf(scope, filter);
    const read = this.pages.reader(scope, filter);
    const slice = await resolveSlice(paging, cursors, this.pages.positions(scope, filter, read));
    const listed = await this.pages.slice(read, slice);
    const memo = this.#memoOf(scope, listed.listing).part(`slice ${slice.offset} ${slice.limit}`);
    const groups = (): ChatGroup[] => listed.rows().map(({ row }) => toChatGroup(scope, row));
    return { listed, cursors, memo, groups };
  }

  /** Returns groups of several scopes as one list, paged like a single one. */
  async listOfAll(
    scopes: readonly TenantScope[],
    filter: GroupFilter,
    paging: PagingArgs,
  ): Promise<JoinedSlice> {
    return joinedSlice(this.pages, scopes, onlyFilter(filter), paging);
  }

  /** Returns a group. Throws `NOT_FOUND`. */
  async get(scope: TenantScope, groupId: string): Promise<ShownGroup> {
    const { row, listing } = await this.ownership.findListed(scope, groupId);
    const memo = this.#memoOf(scope, listing).part(row);
    return memo.of('shown', () => {
      const group = toChatGroup(scope, row);
      return { group: withMemo(group, memo), etag: group.etag };
    });
  }

  /** Returns the members of a group; WhatsApp allows at most eight. Throws `NOT_FOUND`. */
  async participants(scope: TenantScope, groupId: string): Promise<ChatGroupParticipant[]> {
    const owned = await this.ownership.prove(scope, groupId);
    const page = await this.cache.read(scope, JSON.stringify(['participants', groupId]), {
      list: async () => [...(await this.members.of(owned)).values()],
      // People join by invite link, without the gateway.
      lifetimes: () => ({
        freshMs: Math.min(this.config.cache.freshMs, MEMBERS_FRESH_MS),
        staleWhileRevalidateMs: 0,
        staleIfErrorMs: 0,
      }),
      deadlineMs: scope.request.deadlineMs,
    });
    // CAMS lists no members for a deleted group, and the proof of ownership may be older than the deletion.
    if (page.value.length === 0) await this.ownership.find(scope, groupId);
    return page.value.map(toParticipant);
  }

  #memoOf(scope: TenantScope, listing: Listing | undefined): ListingMemo {
    const memo = (this.config.fastPath && listing?.memo) || new ListingMemo();
    return memo.part(viewKey(scope));
  }
}

/** Callers pass all arguments of a request; only these two may reach the upstream call. */
function onlyFilter({ status, subject }: GroupFilter): GroupFilter {
  return { ...(status !== undefined && { status }), ...(subject !== undefined && { subject }) };
}
