import type { IncomingMessage, RequestListener } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config/config.js';
import { sendError, sendThrown } from '../errors/error.filter.js';
import { bodyRefused, toGatewayError } from '../errors/foreign-errors.js';
import { GatewayError } from '../errors/gateway-error.js';
import { loggedIfUnexpected } from '../errors/unexpected-error.js';
import { MAX_BODY_BYTES } from '../listeners/draining-close.js';
import { HttpListener, type Timeouts, contextOf } from '../listeners/http-listener.js';
import { originForm } from '../request/request-path.js';
import { isTooDeep } from '../util/json-depth.js';
import { addFirstHeaders, addLastHeaders } from './common-headers.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** The port that the instance listens on. */
    readonly listener: HttpListener;
  }
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true });
/** Holds an ID of 255 characters, each of which may take 12 when it is percent-encoded. */
const MAX_PARAMETER_CHARACTERS = 3_072;

class GatewayAdapter extends FastifyAdapter {
  /** Sends what hooks throw at once. Nest's handler would throw it two more times on the way to the error filter. */
  override setErrorHandler(): ReturnType<FastifyAdapter['setErrorHandler']> {
    return this.getInstance().setErrorHandler(sendThrown);
  }
}

/** Creates Fastify with the gateway's limits and request ids, and with catalogue errors for requests before Nest. */
export function createAdapter({ http }: Config, timeouts?: Timeouts): FastifyAdapter {
  const { trustProxy, requestBudgetMs, maxConnections } = http;
  const listener = new HttpListener({ maxConnections, requestBudgetMs, ...(timeouts && { timeouts }) });
  const adapter = new GatewayAdapter({
    bodyLimit: MAX_BODY_BYTES,
    // For Nest middleware. The gateway has none, and each request would pay for it.
    skipMiddie: true,
    // Fastify's own 503 during shutdown would not be a catalogue error. Requests that still arrive are served.
    return503OnClosing: false,
    rewriteUrl: ({ url = '/' }) => originForm(url),
    routerOptions: { maxParamLength: MAX_PARAMETER_CHARACTERS },
    serverFactory: (handle: RequestListener) => listener.create(handle),
    trustProxy: trustProxy.length > 0 && [...trustProxy],
    genReqId: (request: IncomingMessage) => contextOf(request).requestId,
    requestIdHeader: false,
    clientErrorHandler: (error, socket) => listener.refuseUnreadable(error, socket),
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      // No hook runs for such a request, and it has no decorators.
      request.gateway = contextOf(request.raw);
      addFirstHeaders(request, reply.header('Cache-Control', 'no-store'), listener.headers);
      addLastHeaders(request, reply);
      sendError(loggedIfUnexpected(toGatewayError(error), request.id), request, reply);
    },
  });
  const fastify = adapter.getInstance();
  fastify.decorate('listener', listener);
  fastify.decorateRequest('gateway', {
    getter(this: FastifyRequest) {
      return contextOf(this.raw);
    },
  });
  parseOnlyJson(adapter);
  return adapter;
}

/** Refuses everything but JSON, except a body of zero bytes: many clients send a content type without a body. */
function parseOnlyJson(adapter: FastifyAdapter): void {
  const fastify = adapter.getInstance();
  const parseJson = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  fastify.addHook('onRequest', (request, _reply, done) => {
    // Fastify would refuse a malformed content type even though there is nothing to parse.
    if (request.headers['content-type'] !== undefined && hasNoBody(request))
      delete request.headers['content-type'];
    done();
  });
  fastify.addContentTypeParser('*', (request, body, done) => {
    const settle = (error: Error | null): void => {
      body.off('end', end).off('data', refuse).off('error', settle);
      // The client may still leave, and nothing else would handle the error.
      body.on('error', () => {});
      done(error, undefined);
    };
    const end = (): void => settle(null);
    const refuse = (): void =>
      settle(new GatewayError('UNSUPPORTED_MEDIA_TYPE', 'The body must be application/json.'));
    // With a length, there is something to parse, although it may never arrive.
    if (request.headers['content-length'] !== undefined) refuse();
    else body.once('end', end).once('data', refuse).once('error', settle);
  });
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes: Buffer, done) => {
    if (!isUtf8(request))
      return done(new GatewayError('UNSUPPORTED_MEDIA_TYPE', 'The body must be encoded in UTF-8.'));
    if (bytes.length === 0) return done(null, undefined);
    if (isEncoded(request))
      return done(new GatewayError('UNSUPPORTED_MEDIA_TYPE', 'The body must not be compressed.'));
    const body = decode(bytes);
    if (body === undefined) return done(bodyRefused(''));
    if (isTooDeep(body)) return done(bodyRefused(body));
    void parseJson(request, body, (error, value) => {
      if (error) done(bodyRefused(body));
      else done(null, value);
    });
  });
}

function hasNoBody({ headers }: FastifyRequest): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = headers;
  return length === '0' && encoding === undefined;
}

function isUtf8({ headers }: FastifyRequest): boolean {
  const charset = /;\s*charset="?([^";\s]*)/i.exec(headers['content-type'] ?? '')?.[1];
  return charset === undefined || /^utf-?8$/i.test(charset);
}

function isEncoded({ headers }: FastifyRequest): boolean {
  const coding = headers['content-encoding'];
  return coding !== undefined && coding.trim() !== '' && coding.trim().toLowerCase() !== 'identity';
}

/** Decodes strictly: otherwise replacement characters for invalid bytes would be sent upstream. */
function decode(bytes: Buffer): string | undefined {
  try {
    return UTF_8.decode(bytes);
  } catch {
    // Not UTF-8. The caller treats it like any invalid JSON.
    return undefined;
  }
}
