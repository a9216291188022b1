import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { ObjectNumbers } from '../common/content.js';
import type { TenantScope } from '../tenancy/tenant-scope.js';
import type { ChatGroupSlice } from './chat-groups.service.js';
import { etagOfJson } from './etag.js';
import { groupsPath, pageLinks } from './rest-headers.js';
import type { ChatGroupsQuery } from './rest-inputs.js';

/** The page that a caller asked for, by number. */
export type PageRequest = Required<Pick<ChatGroupsQuery, 'page' | 'size'>> &
  Pick<ChatGroupsQuery, 'status' | 'subject'>;

/** What an answer to a list holds, but for its age. */
export interface RenderedPage {
  /** JSON of the body, from its opening brace to the last field that depends on the list alone. */
  readonly opening: Buffer;
  readonly etag: string;
  readonly links: string;
}

const MAX_BYTES = 32 * 1024 * 1024;
const ENTRY_BYTES = 500;

/** Pages as bytes, made once for each list, slice and view: a page that is still current is not rendered again. */
@Injectable()
export class RenderedPages {
  readonly #pages = new LRUCache<string, RenderedPage>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ opening }) => ENTRY_BYTES + opening.length,
  });
  readonly #numbers = new ObjectNumbers();

  render(scope: TenantScope, list: ChatGroupSlice, request: PageRequest): RenderedPage {
    // A slice of several pages has no identity: any of them may be listed anew.
    if (!list.listed) return rendered(scope, list, request);
    const key = `${this.#numbers.of(list.groups)} ${request.page} ${request.size}`;
    const known = this.#pages.get(key);
    if (known) return known;
    const page = rendered(scope, list, request);
    this.#pages.set(key, page);
    return page;
  }
}

/** Closes the body with what says how old the list is. */
export function withAge({ opening }: RenderedPage, { asOfMs, stale }: ChatGroupSlice): Buffer {
  const closing = `,"asOf":"${new Date(asOfMs).toISOString()}","stale":${stale}}`;
  return Buffer.concat([opening, Buffer.from(closing, 'latin1')]);
}

function rendered(scope: TenantScope, list: ChatGroupSlice, request: PageRequest): RenderedPage {
  const { page, size } = request;
  const pageCount = Math.ceil(list.total / size);
  const json = JSON.stringify({
    data: list.groups,
    page: { index: page, size, total: list.total, pageCount },
  });
  return {
    opening: Buffer.from(json.slice(0, -1)),
    etag: etagOfJson(json),
    links: pageLinks(groupsPath(scope), request, pageCount),
  };
}
