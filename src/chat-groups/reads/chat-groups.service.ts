import { Injectable } from '@nestjs/common';
import { PageCache } from '../../cache/page-cache.js';
import { CamsClient } from '../../cams/cams-client.js';
import { Cursors, type PagingArgs, type Slice, resolveSlice } from './paging.js';
import type { RequestContext } from '../../request/request-context.js';
import { Config } from '../../config/config.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { type ChatGroup, type ChatGroupParticipant, toChatGroup } from '../model/chat-group.js';
import { VisibleSlices } from './visible-slices.js';
import { type GroupFilter, GroupPages, type GroupSlice } from './group-pages.js';
import { Ownership } from './ownership.js';

const MEMBERS_FRESH_MS = 5_000;

/** A slice of a list, as its caller may see it. */
export interface ChatGroupSlice extends Omit<GroupSlice, 'rows'> {
  readonly groups: readonly ChatGroup[];
  /** The same object for slices of which everything is the same; `undefined` where that cannot be told. */
  readonly content: object | undefined;
  readonly slice: Slice;
  readonly cursors: Cursors;
}

/** Reads of groups and members. */
@Injectable()
export class ChatGroupsService {
  constructor(
    private readonly pages: GroupPages,
    private readonly ownership: Ownership,
    private readonly cams: CamsClient,
    private readonly cache: PageCache,
    private readonly views: VisibleSlices,
    private readonly config: Config,
  ) {}

  /** Groups of a scope, paged forward, backward or by offset. */
  async list(
    scope: TenantScope,
    { status, subject }: GroupFilter,
    paging: PagingArgs,
    context: RequestContext,
  ): Promise<ChatGroupSlice> {
    // Callers hand over all that they were asked with; nothing else of it may reach the upstream call.
    const filter = { ...(status !== undefined && { status }), ...(subject !== undefined && { subject }) };
    const cursors = new Cursors([scope.key, filter.status ?? null, filter.subject ?? null]);
    const readTotal = async (): Promise<number> =>
      (await this.pages.page(scope, filter, 1, context)).value.total;
    const slice = await resolveSlice(paging, cursors, readTotal);
    const { rows, ...rest } = await this.pages.slice(scope, filter, slice, context);
    const groups = this.views.of(scope, rows, slice, rest.listing);
    // Whether it is stale changes while the list stays the same.
    const content = rest.listing && !rest.stale ? groups : undefined;
    return { ...rest, groups, content, slice, cursors };
  }

  /** One group. Throws `NOT_FOUND`. */
  async get(scope: TenantScope, groupId: string, context: RequestContext): Promise<ChatGroup> {
    return toChatGroup(scope, await this.ownership.find(scope, groupId, context));
  }

  /** Members of a group, at most eight by WhatsApp's rules. Throws `NOT_FOUND`. */
  async participants(
    scope: TenantScope,
    groupId: string,
    context: RequestContext,
  ): Promise<ChatGroupParticipant[]> {
    await this.ownership.prove(scope, groupId, context);
    const page = await this.cache.read(scope, JSON.stringify(['participants', groupId]), {
      list: async () => (await this.cams.call(scope, 'listParticipants', { groupId }, context)).result,
      // People join outside the gateway, by link.
      lifetimes: () => ({
        freshMs: Math.min(this.config.cache.freshMs, MEMBERS_FRESH_MS),
        staleWhileRevalidateMs: 0,
        staleIfErrorMs: 0,
      }),
      deadlineMs: context.deadlineMs,
    });
    const { phoneNumbers } = page.value;
    // CAMS lists no members of a group that is gone; the proof of it may be older than that.
    if (phoneNumbers.length === 0) await this.ownership.find(scope, groupId, context);
    return phoneNumbers.map((phoneNumber) => ({ phoneNumber }));
  }
}
