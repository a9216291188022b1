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

/** Renders a page, once for all callers who see the same of the same listing. */
export function renderPage(scope: TenantScope, list: ChatGroupSlice, request: PageRequest): RenderedPage {
  const name = `rest ${request.page} ${request.size}`;
  return list.memo.of(
    name,
    () => rendered(scope, list, request),
    ({ body }) => body.length,
  );
}

function rendered(scope: TenantScope, list: ChatGroupSlice, request: PageRequest): RenderedPage {
  const { page, size } = request;
  const pageCount = Math.ceil(list.total / size);
  const content = { data: list.groups(), page: { index: page, size, total: list.total, pageCount } };
  const age = { asOf: new Date(list.asOfMs).toISOString(), stale: list.stale };
  return {
    body: standaloneBuffer(JSON.stringify({ ...content, ...age })),
    // Of the groups alone: a list that shows the same again has the same tag.
    etag: etag(content),
    links: pageLinks(groupsPath(scope), request, pageCount),
  };
}
