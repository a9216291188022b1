import { STATUS_CODES } from 'node:http';
import { GatewayError } from '../errors/gateway-error.js';
import { PROBLEM_MEDIA_TYPE, errorHeaders, problem } from '../errors/problem-details.js';

/** Returns the error for what Node could not read as a request, by the code of Node's error. */
export function unreadable(code: string | undefined): GatewayError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new GatewayError('PAYLOAD_TOO_LARGE', 'The headers are longer than 16 KiB, or too many.', {
        status: 431,
      });
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new GatewayError('REQUEST_TIMEOUT', 'The request did not arrive in time.');
    default:
      return new GatewayError('VALIDATION_FAILED', 'The request is not valid HTTP.');
  }
}

/** Returns the error for `CONNECT`, which Node never passes to routes. */
export function connectRefused(): GatewayError {
  return new GatewayError('METHOD_NOT_ALLOWED', 'The gateway is not a proxy.', { allow: [] });
}

/** Returns the error for a request beyond those of its connection that may wait for their responses. */
export function tooManyPipelined(limit: number): GatewayError {
  const detail = `More than ${limit} requests of the connection are waiting for their responses.`;
  return new GatewayError('RATE_LIMITED', detail, { limit: 'pipelinedRequests', retryAfterSeconds: 1 });
}

/** Returns a whole HTTP response with the error, after which the connection is closed. */
export function rawResponse(
  error: GatewayError,
  requestId: string,
  headers: Readonly<Record<string, string>>,
): string {
  const body = JSON.stringify(problem(error, requestId));
  const lines = {
    ...headers,
    ...errorHeaders(error),
    'Content-Type': `${PROBLEM_MEDIA_TYPE}; charset=utf-8`,
    'Content-Length': String(Buffer.byteLength(body)),
    'X-Request-Id': requestId,
    'Cache-Control': 'no-store',
    Date: new Date().toUTCString(),
    Connection: 'close',
  };
  return [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ''}`,
    ...Object.entries(lines).map(([name, value]) => `${name}: ${value}`),
    '',
    body,
  ].join('\r\n');
}
