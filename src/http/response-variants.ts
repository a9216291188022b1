import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isGraphql } from '../request/request-path.js';
import { addVary } from '../request/vary.js';
import { preferredCoding } from '../util/content-coding.js';
import { noneMatchHits, variantTag } from '../util/entity-tag.js';
import { bodyTag } from './body-tag.js';
import { compressed } from './compressed-body.js';

/** Smaller bodies fit into one packet anyway. */
const MAX_PLAIN_BYTES = 1024;
const JSON_TYPE = /^application\/(?:json|graphql-response\+json)\b/;

/**
 * Chooses the variant of each JSON response: compressed if the client accepts it and the body is worth it, and 304 if the
 * client already has the state. Handlers return the body and set the `ETag` of the state; nothing else in the gateway
 * evaluates `If-None-Match` of such responses.
 */
export function chooseResponseVariants(fastify: FastifyInstance): void {
  fastify.addHook('onSend', (request, reply, payload: unknown, done) => {
    const isQuery = request.method === 'GET' && isGraphql(request);
    if (isQuery) addVary(reply, 'Accept');
    if (!hasVariants(request, reply, payload)) return done(null, payload);
    addVary(reply, 'Accept-Encoding');
    // No handler knows the state that the result of a query shows.
    if (isQuery) void reply.header('ETag', bodyTag(payload, String(reply.getHeader('Content-Type'))));
    const isLarge = Buffer.byteLength(payload) > MAX_PLAIN_BYTES;
    const coding = isLarge ? preferredCoding(request.headers['accept-encoding']) : undefined;
    if (isUnchanged(request, reply)) {
      tagVariant(reply, coding);
      void reply.code(304).removeHeader('Content-Type').removeHeader('Content-Length');
      // Fastify's own hook for HEAD cannot handle null.
      return done(null, request.method === 'HEAD' ? '' : null);
    }
    if (coding === undefined) return done(null, payload);
    tagVariant(reply, coding);
    // Fastify replaces the `Content-Length` of the uncompressed body that Apollo has set.
    void reply.header('Content-Encoding', coding);
    const bytes = compressed(payload, coding);
    // Fastify accepts either a promise or a call of `done`.
    if (!(bytes instanceof Promise)) done(null, bytes);
    return bytes;
  });
}

/**
 * Errors and writes are never compressed: they repeat input of the request, and the length of a compressed response would
 * reveal how much that resembles an invite link in the same response (BREACH). The error of a GraphQL query is not a state
 * to compare, either: it has the ID of the request.
 */
function hasVariants(
  { gateway }: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): payload is string | Buffer {
  if (reply.statusCode !== 200 || gateway.isWrite || gateway.errorCode !== undefined) return false;
  if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return false;
  return JSON_TYPE.test(String(reply.getHeader('Content-Type')));
}

function isUnchanged({ method, headers }: FastifyRequest, reply: FastifyReply): boolean {
  const tag = reply.getHeader('ETag');
  if (typeof tag !== 'string' || (method !== 'GET' && method !== 'HEAD')) return false;
  return noneMatchHits(headers['if-none-match'], tag);
}

function tagVariant(reply: FastifyReply, coding: ReturnType<typeof preferredCoding>): void {
  const tag = reply.getHeader('ETag');
  if (typeof tag === 'string') void reply.header('ETag', variantTag(tag, coding));
}
