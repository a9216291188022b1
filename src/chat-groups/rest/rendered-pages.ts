import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { ObjectNumbers } from '../../util/content.js';
import { standaloneBuffer } from '../../util/standalone-buffer.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import type { ChatGroupSlice } from '../reads/chat-groups.service.js';
import { etag } from '../model/etag.js';
import { groupsPath, pageLinks } from './headers.js';
import type { ChatGroupsQuery } from './inputs.js';

/** The page that a caller asked for, by number. */
export type PageRequest = Required<Pick<ChatGroupsQuery, 'page' | 'size'>> &
  Pick<ChatGroupsQuery, 'status' | 'subject'>;

/** The answer to a list. */
export interface RenderedPage {
  /** JSON. */
  readonly body: Buffer;
  readonly etag: string;
  readonly links: string;
}

const MAX_BYTES = 4 * 1024 * 1024;
const ENTRY_BYTES = 500;

/** Pages as bytes, made once for each list, slice and view: a page that is still current is not rendered again. */
@Injectable()
export class RenderedPages {
  readonly #pages = new LRUCache<string, RenderedPage>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ body }) => ENTRY_BYTES + body.length,
  });
  readonly #numbers = new ObjectNumbers();

  render(scope: TenantScope, list: ChatGroupSlice, request: PageRequest): RenderedPage {
    if (!list.content) return rendered(scope, list, request);
    const key = `${this.#numbers.of(list.content)} ${request.page} ${request.size}`;
    const known = this.#pages.get(key);
    if (known) return known;
    const page = rendered(scope, list, request);
    this.#pages.set(key, page);
    return page;
  }
}

function rendered(scope: TenantScope, list: ChatGroupSlice, request: PageRequest): RenderedPage {
  const { page, size } = request;
  const pageCount = Math.ceil(list.total / size);
  const content = { data: list.groups, page: { index: page, size, total: list.total, pageCount } };
  const age = { asOf: new Date(list.asOfMs).toISOString(), stale: list.stale };
  return {
    body: standaloneBuffer(JSON.stringify({ ...content, ...age })),
    // Of the groups alone: a list that shows the same again has the same tag.
    etag: etag(content),
    links: pageLinks(groupsPath(scope), request, pageCount),
  };
}
