import type { FastifyReply } from 'fastify';
import type { GroupPath, NumberPath } from './inputs.js';
import type { WriteOutcome } from '../../idempotency/idempotency.js';
import type { OperationFilter } from '../creates/operation-cursors.js';
import type { CreateOperation } from '../creates/create-operation.js';
import { lookupPauseMs } from '../../util/lookup-pause.js';
import type { Written } from '../writes/write.js';

/** Returns the path of the groups of a business number, for `Link` and `Location`. */
export function groupsPath({ custSpaceId, businessNumber }: NumberPath): string {
  return `/v1/spaces/${encodeURIComponent(custSpaceId)}/numbers/${businessNumber}/groups`;
}

export function groupPath(path: GroupPath): string {
  return `${groupsPath(path)}/${encodeURIComponent(path.groupId)}`;
}

export function operationPath(id: string): string {
  return `/v1/operations/${encodeURIComponent(id)}`;
}

/** Sets the response headers of a write and returns its outcome. */
export function acknowledged<Value extends Written>(
  reply: FastifyReply,
  { value, replayed }: WriteOutcome<Value>,
): Value {
  const { coherence, upstreamRequestId } = value;
  reply.request.gateway.noteWrite({ replayed, upstreamRequestId });
  void reply.header('Coherence', coherence.toLowerCase());
  return value;
}

/** Sets `Retry-After` while a create operation is pending: asking before the gateway has looked again is of no use. */
export function suggestPolling(reply: FastifyReply, { state, preparedAtMs }: CreateOperation): void {
  if (state !== 'PENDING') return;
  const pauseMs = lookupPauseMs(Date.now() - preparedAtMs);
  void reply.header('Retry-After', Math.ceil(pauseMs / 1_000));
}

/** Returns the `Link` header of a page of operations. */
export function operationLinks(
  { custSpaceId, businessNumber, status }: OperationFilter,
  size: number,
  nextCursor: string | null,
): string {
  const target = (after?: string): string => {
    const parameters = new URLSearchParams({ size: String(size) });
    for (const [name, value] of Object.entries({ custSpaceId, businessNumber, status, after }))
      if (value !== undefined) parameters.set(name, value);
    return `</v1/operations?${parameters.toString()}>`;
  };
  const next = nextCursor === null ? [] : [`${target(nextCursor)}; rel="next"`];
  return [`${target()}; rel="first"`, ...next].join(', ');
}

/** The parameters of a list that its links repeat. */
interface ListQuery {
  readonly size: number;
  readonly status?: string;
  readonly subject?: string;
}

/** Returns the `Link` header of a page by number, with its neighbors. Source: RFC 8288. */
export function pageLinks(
  path: string,
  query: ListQuery & { readonly page: number },
  pageCount: number,
): string {
  const target = (page: number): string => link(path, query, 'page', String(page));
  const last = Math.max(1, pageCount);
  return [
    `${target(1)}; rel="first"`,
    ...(query.page > 1 ? [`${target(Math.min(query.page - 1, last))}; rel="prev"`] : []),
    ...(query.page < last ? [`${target(query.page + 1)}; rel="next"`] : []),
    `${target(last)}; rel="last"`,
  ].join(', ');
}

/** Returns the `Link` header of a page by cursor. `edge` leads to both ends of the list; `before` and `after` are `null` if the page is the first or last. */
export function cursorLinks(
  path: string,
  query: ListQuery,
  cursors: { readonly edge: string; readonly before: string | null; readonly after: string | null },
): string {
  const { edge, before, after } = cursors;
  return [
    `${link(path, query, 'after', edge)}; rel="first"`,
    ...(before === null ? [] : [`${link(path, query, 'before', before)}; rel="prev"`]),
    ...(after === null ? [] : [`${link(path, query, 'after', after)}; rel="next"`]),
    `${link(path, query, 'before', edge)}; rel="last"`,
  ].join(', ');
}

function link(path: string, { size, status, subject }: ListQuery, name: string, value: string): string {
  const parameters = new URLSearchParams({ [name]: value, size: String(size) });
  if (status !== undefined) parameters.set('status', status);
  if (subject !== undefined) parameters.set('subject', subject);
  return `<${path}?${parameters.toString()}>`;
}
