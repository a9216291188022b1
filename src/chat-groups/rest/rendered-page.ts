import { assertFits } from '../../errors/response-size.js';
import { withMemo } from '../../cache/listing-memo.js';
import { standaloneBuffer } from '../../util/standalone-buffer.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import type { ChatGroupSlice } from '../reads/chat-groups.service.js';
import { etag } from '../model/etag.js';
import { cursorLinks, groupsPath, pageLinks } from './headers.js';
import type { ChatGroupsQuery } from './inputs.js';

/** A request for a page, by its number or, without one, by a cursor. */
export type PageRequest = Required<Pick<ChatGroupsQuery, 'size'>> &
  Pick<ChatGroupsQuery, 'page' | 'status' | 'subject'>;

/** The response to a list request. */
export interface RenderedPage {
  /** JSON. */
  readonly body: Buffer;
  readonly etag: string;
  readonly links: string;
}

/** Returns whether {@link renderPage} has rendered the page before. */
export function isRendered(list: ChatGroupSlice, request: PageRequest): boolean {
  return list.memo.get(nameOf(request)) !== undefined;
}

/** Renders a page once for all callers that see the same fields of the same listing. */
export function renderPage(scope: TenantScope, list: ChatGroupSlice, request: PageRequest): RenderedPage {
  return list.memo.of(
    nameOf(request),
    () => rendered(scope, list, request),
    ({ body }) => body.length,
  );
}

function nameOf({ page, size }: PageRequest): string {
  return `rest ${page ?? 'cursor'} ${size}`;
}

function rendered(scope: TenantScope, list: ChatGroupSlice, request: PageRequest): RenderedPage {
  const { page: index, size } = request;
  const { listed } = list;
  const { total, slice } = listed;
  const pageCount = Math.ceil(total / size);
  const ends = listed.ends(list.cursors);
  const page = { ...(index !== undefined && { index }), size, total, pageCount, ...ends };
  const content = { data: list.groups(), page };
  assertFits(content);
  const age = { asOf: new Date(listed.asOfMs).toISOString(), stale: listed.stale };
  return {
    body: withMemo(standaloneBuffer(JSON.stringify({ ...content, ...age })), list.memo),
    // Excludes `asOf` and `stale`, so that a list with the same groups has the same tag.
    etag: etag(content),
    links:
      index === undefined
        ? cursorLinks(groupsPath(scope), request, {
            edge: list.cursors.edge(),
            before: slice.offset > 0 ? (ends.startCursor ?? list.cursors.edge()) : null,
            after: slice.offset + listed.rowCount < total ? ends.endCursor : null,
          })
        : pageLinks(groupsPath(scope), { ...request, page: index }, pageCount),
  };
}
