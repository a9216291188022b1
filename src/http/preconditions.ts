import type { FastifyRequest } from 'fastify';
import { type Violation, validationFailed } from '../errors/gateway-error.js';
import { isGraphql } from '../request/request-path.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the handler checks `If-Match`. */
    ifMatch?: boolean;
  }
}

/** What makes a write conditional or partial, except `If-Match`, which some routes check. */
const NEVER_ON_WRITES = [
  ['if-none-match', 'If-None-Match'],
  ['if-modified-since', 'If-Modified-Since'],
  ['if-unmodified-since', 'If-Unmodified-Since'],
  ['if-range', 'If-Range'],
  ['range', 'Range'],
] as const;

/**
 * Throws `VALIDATION_FAILED` if the request has a precondition that would be ignored: the client relies on it. Reads may
 * have those that HTTP allows to ignore: the gateway knows no modification dates and serves no ranges. Source: RFC 9110,
 * sections 13.1 and 14.2.
 */
export function refusePreconditions(request: FastifyRequest): void {
  const { headers, method } = request;
  const isRead = method === 'GET' || method === 'HEAD';
  if (isRead && headers['if-match'] === undefined) return;
  const refused: Violation[] = [];
  if (headers['if-match'] !== undefined && request.routeOptions.config.ifMatch !== true)
    refused.push({ field: 'If-Match', message: insteadOfIfMatch(request) });
  if (!isRead)
    for (const [name, field] of NEVER_ON_WRITES)
      if (headers[name] !== undefined) refused.push({ field, message: whyNever(request) });
  if (refused.length > 0) throw validationFailed(refused);
}

function whyNever(request: FastifyRequest): string {
  return isGraphql(request)
    ? 'is not supported with POST; send the query by GET'
    : 'is not supported on writes';
}

function insteadOfIfMatch(request: FastifyRequest): string {
  return isGraphql(request)
    ? 'must be sent as ifMatch in the input of the mutation'
    : 'is only supported on writes to an existing group';
}
