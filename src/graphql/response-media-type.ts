import type { FastifyRequest } from 'fastify';
import { FairCache } from '../util/fair-cache.js';

const MEDIA_TYPES = ['application/json; charset=utf-8', 'application/graphql-response+json; charset=utf-8'];
const MAX_ACCEPTS = 1_000;
const MAX_ACCEPT_CHARACTERS = 200;

const known = new FairCache<string>({ maxSize: MAX_ACCEPTS });

/** Returns the media type that Apollo would negotiate for a response, or `undefined` if only Apollo can decide. */
export function responseMediaType(request: FastifyRequest): string | undefined {
  const { accept = '' } = request.headers;
  const found = known.get(accept);
  // With `callbackSpec`, Apollo may send the result through a callback.
  if (found !== undefined || /callbackspec/i.test(accept)) return found;
  const preferred = accept === '' ? MEDIA_TYPES[0] : request.accepts().type(MEDIA_TYPES);
  if (typeof preferred !== 'string') return undefined;
  if (accept.length <= MAX_ACCEPT_CHARACTERS) known.set(request.gateway.tenantId ?? '', accept, preferred);
  return preferred;
}
