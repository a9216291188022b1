import type { ApiResponseOptions } from '@nestjs/swagger';

type ResponseHeaders = NonNullable<ApiResponseOptions['headers']>;

interface DescribedHeader {
  readonly description: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

/** Every response header of the REST API, `components.headers` of the document. */
export const RESPONSE_HEADERS = {
  'X-Request-Id': {
    description: 'Request ID, as it appears in the logs. Always made by the gateway.',
    schema: { type: 'string', format: 'uuid', example: '5b0c3a52-6f0e-4c5e-9a53-0f4f6a3c2d10' },
  },
  'X-Caller-Request-Id': {
    description:
      'Your own ID, if you sent one as `X-Request-Id`: a UUID, a ULID, a trace ID of 32 hexadecimal digits, or lower-case words and numbers of at most 6 digits.',
    schema: { type: 'string', maxLength: 64, example: 'checkout-7f3a' },
  },
  'X-Upstream-Request-Id': {
    description: 'Request ID assigned by CAMS, if CAMS was called.',
    schema: { type: 'string', example: '90E63D28-E31D-1EB2-8939-A9486641B4BD' },
  },
  'RateLimit-Policy': {
    description: 'Quotas that apply: `q` requests per `w` seconds (draft-ietf-httpapi-ratelimit-headers-11).',
    schema: { type: 'string', example: '"tenant";q=600;w=60' },
  },
  RateLimit: {
    description: 'What remains of each quota: `r` requests, for another `t` seconds.',
    schema: { type: 'string', example: '"tenant";r=599;t=60' },
  },
  'Retry-After': {
    description: 'Seconds to wait before the next attempt.',
    schema: { type: 'integer', minimum: 1, example: 1 },
  },
  'WWW-Authenticate': {
    description:
      'Authentication scheme; for an authentic token or key that has expired, with `error="invalid_token"` and an `error_description`.',
    schema: { type: 'string', example: 'Bearer' },
  },
  'Cache-Control': {
    description: 'Only the client itself may store the response, and must revalidate it.',
    schema: { type: 'string', example: 'private, no-cache' },
  },
  ETag: {
    description: 'Strong entity tag of the representation.',
    schema: { type: 'string', example: '"5pM1uyLJ0oYhNWwR8yq0Aw"' },
  },
  Location: {
    description: 'Path of the created group or operation.',
    schema: { type: 'string', format: 'uri-reference', example: '/v1/operations/op_1b9d6bcd' },
  },
  Link: {
    description:
      'Paths of the first page and, as far as they exist, its neighbors and the last one (RFC 8288).',
    schema: { type: 'string', example: '</v1/operations?size=20>; rel="first"' },
  },
  Age: {
    description: 'Seconds since CAMS listed the page.',
    schema: { type: 'integer', minimum: 0, example: 3 },
  },
  'Cache-Status': {
    description: 'How the cache handled the request (RFC 9211).',
    schema: { type: 'string', example: 'chatgroup-gateway; hit; ttl=12' },
  },
  Coherence: {
    description:
      'How current reads are that start after the response. `coherent`: they return nothing older than what CAMS lists at that time. `bounded`: they can also return pages that were cached before the write.',
    schema: { type: 'string', enum: ['coherent', 'bounded'], example: 'coherent' },
  },
  'Idempotency-Replayed': {
    description: 'Present if this is the outcome of an earlier request with the same idempotency key.',
    schema: { type: 'string', enum: ['true'], example: 'true' },
  },
  'Preference-Applied': {
    description: '`respond-async`, if the request preferred it.',
    schema: { type: 'string', example: 'respond-async' },
  },
} satisfies Record<string, DescribedHeader>;

export type ResponseHeader = keyof typeof RESPONSE_HEADERS;

/** Returns references to these headers, as a response lists them. */
export function headersOf(names: readonly ResponseHeader[]): ResponseHeaders {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

export const OF_EVERY_REQUEST: readonly ResponseHeader[] = ['X-Request-Id', 'X-Caller-Request-Id'];
/** Headers of every response to a caller with valid credentials. */
export const OF_EVERY_CALLER: readonly ResponseHeader[] = [
  ...OF_EVERY_REQUEST,
  'RateLimit-Policy',
  'RateLimit',
];

export const ETAG: readonly ResponseHeader[] = ['ETag'];
export const LOCATION: readonly ResponseHeader[] = ['Location'];
export const OF_A_PENDING_CREATE: readonly ResponseHeader[] = ['Retry-After', 'Preference-Applied'];
export const OF_A_LIST: readonly ResponseHeader[] = ['ETag', 'Link', 'Age', 'Cache-Status'];
