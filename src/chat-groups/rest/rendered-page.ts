import { standaloneBuffer } from '../../util/standalone-buffer.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import type { ChatGroupSlice } from '../reads/chat-groups.service.js';
import { etag } from '../model/etag.js';
import { groupsPath, pageLinks } from './headers.js';
import type { ChatGroupsQuery } from './inputs.js';

/** A request for a page by its number. */
export type PageRequest = Required<Pick<ChatGroupsQuery, 'page' | 'size'>> &
  Pick<ChatGroupsQuery, 'status' | 'subject'>;

/** The response to a list request. */
export interface RenderedPage {
  /** JSON. */
  readonly body: Buffer;
  readonly etag: string;
  readonly links: string;
}

/** Renders a page once for all callers that see the same fields of the same listing. */
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
    // Excludes `asOf` and `stale`, so that a list with the same groups has the same tag.
    etag: etag(content),
    links: pageLinks(groupsPath(scope), request, pageCount),
  };
}
