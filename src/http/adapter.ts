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
  /** Within which the headers must have arrived. */
  readonly headersMs: number;
  /** Within which the whole request must have arrived. */
  readonly requestMs: number;
  readonly checkEveryMs: number;
}

const TIMEOUTS: Timeouts = { headersMs: 5_000, requestMs: 15_000, checkEveryMs: 1_000 };

/** Fastify with the gateway's limits, request ids, and errors from the catalogue where Nest has no say yet. */
export function createAdapter(config: Config, timeouts = TIMEOUTS): FastifyAdapter {
  const { trustProxy, requestBudgetMs } = config.http;
  const adapter = new FastifyAdapter({
    bodyLimit: MAX_BODY_BYTES,
    // While the server ends, its own 503 would be no error of the catalogue: what still arrives is answered.
    return503OnClosing: false,
    requestTimeout: timeouts.requestMs,
    rewriteUrl: ({ url = '/' }) => originForm(url),
    routerOptions: { maxParamLength: MAX_PARAMETER_CHARACTERS },
    http: {
      maxHeaderSize: MAX_HEADER_BYTES,
      // Node would refuse it with an empty answer; nothing here needs the header.
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

/** The caller's id if it is a sane one. */
function requestId(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) && !holdsNumber(given)
    ? given
    : randomUUID();
}

// A run of digits could be a phone number, which must not reach the log; a UUID may well hold one by chance.
function holdsNumber(id: string): boolean {
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
  return !uuid.test(id) && /\d{8}/.test(id);
}

// Many clients send a content type with no body: that is no body, not broken JSON.
function parseOnlyJson(adapter: FastifyAdapter): void {
  const fastify = adapter.getInstance();
  const parseJson = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes: Buffer, done) => {
    if (!isUtf8(request))
      return done(new GatewayError('UNSUPPORTED_MEDIA_TYPE', 'The body must be in UTF-8.'));
    if (bytes.length === 0) return done(null, undefined);
    const body = decode(bytes);
    if (body === undefined) return done(bodyRefused(''));
    void parseJson(request, body, (error, value) => {
      if (error) done(bodyRefused(body));
      else done(null, value);
    });
  });
}

// An expectation that is not understood may be ignored (RFC 9110, 10.1.1); Node would answer outside the catalogue.
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

/** Strictly: a replacement character in place of a broken byte would be written upstream. */
function decode(bytes: Buffer): string | undefined {
  try {
    return UTF_8.decode(bytes);
  } catch {
    // Not UTF-8; the caller answers as for anything that is no JSON.
    return undefined;
  }
}

/** What Node itself refuses: overlong headers, requests that arrive too slowly, bytes that are no HTTP. */
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
