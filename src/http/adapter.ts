import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendError } from '../errors/error.filter.js';
import { PROBLEM_MEDIA_TYPE, problem } from '../errors/problem-details.js';
import { bodyRefused, toGatewayError } from '../errors/foreign-errors.js';
import { GatewayError } from '../errors/gateway-error.js';
import { RequestContext } from '../request/request-context.js';
import { originForm } from '../request/request-path.js';
import type { Config } from '../config/config.js';

const UTF_8 = new TextDecoder('utf-8', { fatal: true });
const MAX_BODY_BYTES = 64 * 1024;
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_PARAMETER_CHARACTERS = 1024;

interface Timeouts {
  /** Maximum time for the headers to arrive. */
  readonly headersMs: number;
  /** Maximum time for the whole request to arrive. */
  readonly requestMs: number;
  readonly checkEveryMs: number;
}

const TIMEOUTS: Timeouts = { headersMs: 5_000, requestMs: 15_000, checkEveryMs: 1_000 };

/** Creates Fastify with the gateway's limits and request ids, and with catalogue errors for requests before Nest. */
export function createAdapter(config: Config, timeouts = TIMEOUTS): FastifyAdapter {
  const { trustProxy, requestBudgetMs } = config.http;
  const adapter = new FastifyAdapter({
    bodyLimit: MAX_BODY_BYTES,
    // Fastify's own 503 during shutdown would not be a catalogue error. Requests that still arrive are served.
    return503OnClosing: false,
    requestTimeout: timeouts.requestMs,
    rewriteUrl: ({ url = '/' }) => originForm(url),
    routerOptions: { maxParamLength: MAX_PARAMETER_CHARACTERS },
    http: {
      maxHeaderSize: MAX_HEADER_BYTES,
      // Node would reject a request without Host with an empty response, and the gateway does not need the header.
      requireHostHeader: false,
      headersTimeout: timeouts.headersMs,
      connectionsCheckingInterval: timeouts.checkEveryMs,
    },
    trustProxy: trustProxy.length > 0 && [...trustProxy],
    genReqId: requestId,
    requestIdHeader: false,
    clientErrorHandler: answerClientError,
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      request.gateway = new RequestContext(request.id, requestBudgetMs);
      // No hook runs for such a request.
      void reply.headers({
        'X-Request-Id': request.id,
        'Cache-Control': 'no-store',
        'X-Content-Type-Options': 'nosniff',
      });
      sendError(toGatewayError(error), request, reply);
    },
  });
  parseOnlyJson(adapter);
  ignoreExpectations(adapter);
  return adapter;
}

/** Returns the client's request id if it is valid, else a new one. */
function requestId(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) && !holdsNumber(given)
    ? given
    : randomUUID();
}

// A run of digits could be a phone number, which must not reach the log. A UUID may contain one by chance.
function holdsNumber(id: string): boolean {
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
  return !uuid.test(id) && /\d{8}/.test(id);
}

// Many clients send a content type without a body. Treat this as no body rather than as invalid JSON.
function parseOnlyJson(adapter: FastifyAdapter): void {
  const fastify = adapter.getInstance();
  const parseJson = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes: Buffer, done) => {
    if (!isUtf8(request))
      return done(new GatewayError('UNSUPPORTED_MEDIA_TYPE', 'The body must be encoded in UTF-8.'));
    if (bytes.length === 0) return done(null, undefined);
    const body = decode(bytes);
    if (body === undefined) return done(bodyRefused(''));
    void parseJson(request, body, (error, value) => {
      if (error) done(bodyRefused(body));
      else done(null, value);
    });
  });
}

// Unknown expectations may be ignored (RFC 9110, 10.1.1). Node's own response would not be a catalogue error.
function ignoreExpectations(adapter: FastifyAdapter): void {
  const server = adapter.getHttpServer();
  server.on('checkExpectation', (request: IncomingMessage, response: unknown) =>
    server.emit('request', request, response),
  );
}

function isUtf8({ headers }: FastifyRequest): boolean {
  const charset = /;\s*charset="?([^";\s]*)/i.exec(headers['content-type'] ?? '')?.[1];
  return charset === undefined || /^utf-?8$/i.test(charset);
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

/** Responds to requests that Node rejects itself: headers too long, requests too slow, or not HTTP. */
function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const refusal = clientError(error.code);
  const id = randomUUID();
  const body = JSON.stringify(problem(refusal, id));
  socket.end(
    [
      `HTTP/1.1 ${refusal.status} ${refusal.code}`,
      `Content-Type: ${PROBLEM_MEDIA_TYPE}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      `X-Request-Id: ${id}`,
      'Cache-Control: no-store',
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}

function clientError(code: string | undefined): GatewayError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new GatewayError('PAYLOAD_TOO_LARGE', 'The headers are longer than 16 KiB.', { status: 431 });
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new GatewayError('REQUEST_TIMEOUT', 'The request did not arrive in time.');
    default:
      return new GatewayError('VALIDATION_FAILED', 'The request is not valid HTTP.');
  }
}
