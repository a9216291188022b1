import { type OpenAPIObject, getSchemaPath } from '@nestjs/swagger';
import { ERRORS, type ErrorCode } from '../errors/catalogue.js';
import { PROBLEM_MEDIA_TYPE, type Problem } from '../errors/problem-details.js';
import { ProblemAnswer } from './problem-details.js';
import { problemExample } from './problem-examples.js';
import { OF_EVERY_CALLER, OF_EVERY_REQUEST, type ResponseHeader, headersOf } from './response-headers.js';

type SharedResponse = NonNullable<NonNullable<OpenAPIObject['components']>['responses']>[string];

interface ErrorResponse {
  /** All have the same status. */
  readonly codes: readonly [ErrorCode, ...ErrorCode[]];
  readonly headers?: readonly ResponseHeader[];
  /** Sent before the credentials are checked, so without the quotas of the caller. */
  readonly anonymous?: boolean;
}

const UPSTREAM: readonly ResponseHeader[] = ['X-Upstream-Request-Id'];
const REPLAYED: readonly ResponseHeader[] = ['Idempotency-Replayed'];
const RETRY: readonly ResponseHeader[] = ['Retry-After'];

/**
 * The error responses that calls share, `components.responses` of the document. After a write, more can happen: an
 * earlier outcome may be replayed, or the outcome may be unknown.
 */
const RESPONSES = {
  Invalid: { codes: ['VALIDATION_FAILED'] },
  InvalidWrite: { codes: ['VALIDATION_FAILED'], headers: [...UPSTREAM, ...REPLAYED] },
  Unauthenticated: { codes: ['UNAUTHENTICATED'], headers: ['WWW-Authenticate'], anonymous: true },
  Forbidden: { codes: ['FORBIDDEN'] },
  NotFound: { codes: ['NOT_FOUND'], headers: UPSTREAM },
  NotFoundByWrite: { codes: ['NOT_FOUND'], headers: [...UPSTREAM, ...REPLAYED] },
  NotAcceptable: { codes: ['NOT_ACCEPTABLE'] },
  RequestTimeout: { codes: ['REQUEST_TIMEOUT'], anonymous: true },
  InFlight: { codes: ['IDEMPOTENCY_IN_FLIGHT'], headers: RETRY },
  Conflict: { codes: ['CONFLICT', 'IDEMPOTENCY_IN_FLIGHT'], headers: RETRY },
  PreconditionFailed: { codes: ['PRECONDITION_FAILED'], headers: UPSTREAM },
  TooLarge: { codes: ['PAYLOAD_TOO_LARGE'] },
  UnsupportedMediaType: { codes: ['UNSUPPORTED_MEDIA_TYPE'] },
  Rejected: { codes: ['UPSTREAM_REJECTED'], headers: UPSTREAM },
  RejectedWrite: {
    codes: ['UPSTREAM_REJECTED', 'IDEMPOTENCY_KEY_REUSED'],
    headers: [...UPSTREAM, ...REPLAYED],
  },
  RateLimited: { codes: ['RATE_LIMITED'], headers: RETRY },
  Internal: { codes: ['INTERNAL'] },
  BadGateway: { codes: ['UPSTREAM_UNAVAILABLE', 'UPSTREAM_NOT_ALLOWED'], headers: [...RETRY, ...UPSTREAM] },
  BadGatewayOnWrite: {
    codes: ['UPSTREAM_UNAVAILABLE', 'UPSTREAM_NOT_ALLOWED'],
    headers: [...RETRY, ...UPSTREAM, ...REPLAYED],
  },
  Overloaded: { codes: ['OVERLOADED'], headers: RETRY },
  Unavailable: {
    codes: ['OVERLOADED', 'UPSTREAM_THROTTLED', 'STATE_UNAVAILABLE'],
    headers: [...RETRY, ...UPSTREAM],
  },
  UnavailableForWrite: {
    codes: ['OVERLOADED', 'UPSTREAM_THROTTLED', 'STATE_UNAVAILABLE', 'COHERENCE_UNAVAILABLE'],
    headers: [...RETRY, ...UPSTREAM],
  },
  Timeout: { codes: ['UPSTREAM_TIMEOUT'], headers: [...RETRY, ...UPSTREAM] },
  TimeoutOfWrite: {
    codes: ['UPSTREAM_TIMEOUT', 'OUTCOME_UNKNOWN'],
    headers: [...RETRY, ...UPSTREAM, ...REPLAYED],
  },
} as const satisfies Record<string, ErrorResponse>;

export type ErrorResponseName = keyof typeof RESPONSES;

const OF_EVERY_CALL: readonly ErrorResponseName[] = [
  'Invalid',
  'Unauthenticated',
  'NotAcceptable',
  'RateLimited',
  'Internal',
];
const OF_A_READ: readonly ErrorResponseName[] = [
  'Forbidden',
  'NotFound',
  'Rejected',
  'BadGateway',
  'Unavailable',
  'Timeout',
];
const OF_A_WRITE: readonly ErrorResponseName[] = [
  'InvalidWrite',
  'Forbidden',
  'NotFoundByWrite',
  'InFlight',
  'TooLarge',
  'UnsupportedMediaType',
  'RequestTimeout',
  'RejectedWrite',
  'BadGatewayOnWrite',
  'UnavailableForWrite',
  'TimeoutOfWrite',
];

export interface FailingCall {
  readonly writes: boolean;
  /** Whether it needs CAMS or a store, and a permission. */
  readonly local: boolean;
  readonly conditional: boolean;
  /** Replaces the usual response with the same status. */
  readonly others: readonly ErrorResponseName[];
}

/** Returns a reference to an error response for each status that a call can fail with. */
export function errorsOf({
  writes,
  local,
  conditional,
  others,
}: FailingCall): Record<number, { $ref: string }> {
  const usual = local ? (['Overloaded'] as const) : writes ? OF_A_WRITE : OF_A_READ;
  const names: readonly ErrorResponseName[] = [
    ...OF_EVERY_CALL,
    ...usual,
    ...(conditional ? (['PreconditionFailed'] as const) : []),
    ...others,
  ];
  return Object.fromEntries(
    names.map((name) => [statusOf(name), { $ref: `#/components/responses/${name}` }]),
  );
}

function statusOf(name: ErrorResponseName): number {
  return ERRORS[RESPONSES[name].codes[0]].status;
}

/** Returns `components.responses`, with an example of every error. */
export function errorResponses(): Record<string, SharedResponse> {
  return Object.fromEntries(Object.entries(RESPONSES).map(([name, response]) => [name, described(response)]));
}

function described({ codes, headers = [], anonymous = false }: ErrorResponse): SharedResponse {
  const examples = codes.map((code) => [code, { summary: ERRORS[code].title, value: problemExample(code) }]);
  const own: readonly ResponseHeader[] = anonymous ? OF_EVERY_REQUEST : OF_EVERY_CALLER;
  return {
    description: codes.map((code) => `\`${code}\`: ${ERRORS[code].meaning}`).join('\n\n'),
    headers: headersOf([...own, ...headers]),
    content: {
      [PROBLEM_MEDIA_TYPE]: {
        schema: { $ref: getSchemaPath(ProblemAnswer) },
        examples: Object.fromEntries(examples) as Record<string, { summary: string; value: Problem }>,
      },
    },
  };
}
