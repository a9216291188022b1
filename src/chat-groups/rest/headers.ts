import type { FastifyReply } from 'fastify';
import type { GroupPath, NumberPath } from './inputs.js';
import type { WriteOutcome } from '../../idempotency/idempotency.js';
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

/** Description in `openapi.json` of the header that all writes accept. */
export const IDEMPOTENCY_KEY = {
  'Idempotency-Key':
    'Makes retries safe: the same request with the same key within 24 hours returns the outcome of the first request, with `Idempotency-Replayed: true`. 1–255 visible ASCII characters. Returns 409 while the first request is in flight, and 422 if the key was used for a different request.',
};

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

/** Returns the `Link` header of a page, with its neighbours. Source: RFC 8288. */
export function pageLinks(
  path: string,
  query: {
    readonly page: number;
    readonly size: number;
    readonly status?: string;
    readonly subject?: string;
  },
  pageCount: number,
): string {
  const target = (page: number): string => {
    const parameters = new URLSearchParams({ page: String(page), size: String(query.size) });
    if (query.status !== undefined) parameters.set('status', query.status);
    if (query.subject !== undefined) parameters.set('subject', query.subject);
    return `<${path}?${parameters.toString()}>`;
  };
  const last = Math.max(1, pageCount);
  return [
    `${target(1)}; rel="first"`,
    ...(query.page > 1 ? [`${target(Math.min(query.page - 1, last))}; rel="prev"`] : []),
    ...(query.page < last ? [`${target(query.page + 1)}; rel="next"`] : []),
    `${target(last)}; rel="last"`,
  ].join(', ');
}
