import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';

const MEDIA_TYPES = ['application/json; charset=utf-8', 'application/graphql-response+json; charset=utf-8'];
const MAX_ACCEPTS = 1_000;
const MAX_ACCEPT_CHARACTERS = 200;

const known = new LRUCache<string, string>({ max: MAX_ACCEPTS });

/** The media type of a response, as Apollo negotiates it; `undefined` where only Apollo can say. */
export function responseMediaType(request: FastifyRequest): string | undefined {
  const { accept = '' } = request.headers;
  const found = known.get(accept);
  // With this one Apollo may answer by calling back.
  if (found !== undefined || /callbackspec/i.test(accept)) return found;
  const preferred = accept === '' ? MEDIA_TYPES[0] : request.accepts().type(MEDIA_TYPES);
  if (typeof preferred !== 'string') return undefined;
  if (accept.length <= MAX_ACCEPT_CHARACTERS) known.set(accept, preferred);
  return preferred;
}
