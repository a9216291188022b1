/** One row of the catalogue; `meaning` and `remedy` are what `/docs/errors` prints. */
interface ErrorEntry {
  readonly status: number;
  /** Whether the same request may succeed later without being changed. */
  readonly retryable: boolean;
  readonly title: string;
  readonly meaning: string;
  readonly remedy: string;
}

/** Every fault that leaves the gateway, on REST and on GraphQL, is one of these. */
export const ERRORS = {
  UNAUTHENTICATED: {
    status: 401,
    retryable: false,
    title: 'Credentials are missing or not valid',
    meaning: 'The request has no credentials, or they are unknown, malformed or expired.',
    remedy: 'Send a valid API key or token as `Authorization: Bearer …`, or an API key as `X-Api-Key`.',
  },
  FORBIDDEN: {
    status: 403,
    retryable: false,
    title: 'Permission is missing',
    meaning: 'The resource is yours, but these credentials lack the permission that the operation needs.',
    remedy: 'Use credentials that carry the permission named in the detail.',
  },
  NOT_FOUND: {
    status: 404,
    retryable: false,
    title: 'Not found',
    meaning: 'There is no such group, operation, space, number or route, or it is not yours.',
    remedy: 'Check the identifier. A group that was deleted cannot be recovered.',
  },
  VALIDATION_FAILED: {
    status: 400,
    retryable: false,
    title: 'The request is not valid',
    meaning: 'One or more fields are missing, malformed or out of range; `violations` names each of them.',
    remedy: 'Correct the named fields and send the request again.',
  },
  QUERY_REFUSED: {
    status: 400,
    retryable: false,
    title: 'The GraphQL document is refused',
    meaning:
      'The document has a syntax error, asks for an unknown field, or is too deep, too large or too costly.',
    remedy: 'Correct or split the document.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    retryable: false,
    title: 'Method not allowed',
    meaning: 'The route exists, but not for this method.',
    remedy: 'Use a method that the `Allow` header names.',
  },
  NOT_ACCEPTABLE: {
    status: 406,
    retryable: false,
    title: 'Not acceptable',
    meaning: 'The `Accept` header excludes every form that the gateway can answer in.',
    remedy: 'Accept `application/json`.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    retryable: false,
    title: 'Unsupported media type',
    meaning: 'The body is not JSON, or its content type does not say so.',
    remedy: 'Send `Content-Type: application/json`.',
  },
  REQUEST_TIMEOUT: {
    status: 408,
    retryable: true,
    title: 'The request took too long to arrive',
    meaning: 'Headers or body did not arrive in time.',
    remedy: 'Send the request again.',
  },
  PRECONDITION_FAILED: {
    status: 412,
    retryable: false,
    title: 'Precondition failed',
    meaning: 'The group has changed since the representation named in `If-Match`.',
    remedy: 'Read the group again, and decide anew with its new `ETag`.',
  },
  CONFLICT: {
    status: 409,
    retryable: true,
    title: 'Conflicting operation under way',
    meaning: 'A create with the same subject is under way for this number.',
    remedy: 'Wait for the operation named in the detail, then look whether your group exists already.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    retryable: false,
    title: 'Idempotency key was used for another request',
    meaning: 'The key belongs to a request with other content.',
    remedy: 'Use a new key for a new request.',
  },
  IDEMPOTENCY_IN_FLIGHT: {
    status: 409,
    retryable: true,
    title: 'The request with this idempotency key is still under way',
    meaning: 'The first request with this key has not ended yet.',
    remedy: 'Send the request again a little later, with the same key.',
  },
  PAYLOAD_TOO_LARGE: {
    status: 413,
    retryable: false,
    title: 'The request is too large',
    meaning: 'The body, the URL, the headers or the request that would go to CAMS is longer than allowed.',
    remedy: 'Send less: everything travels to CAMS inside a URL, where one CJK character takes nine bytes.',
  },
  RATE_LIMITED: {
    status: 429,
    retryable: true,
    title: 'Rate limit reached',
    meaning: 'Your own limit is used up.',
    remedy: 'Wait as long as `Retry-After` says.',
  },
  UPSTREAM_REJECTED: {
    status: 422,
    retryable: false,
    title: 'CAMS refused the request',
    meaning: 'CAMS answered that it will not do this; `upstreamCode` and the detail say why.',
    remedy: 'Act on the upstream code. Nothing was changed.',
  },
  UPSTREAM_NOT_ALLOWED: {
    status: 502,
    retryable: false,
    title: 'The gateway is not allowed to do this at CAMS',
    meaning:
      'The Alibaba Cloud account is not allow-listed or subscribed, or its credentials or grants do not suffice.',
    remedy: 'Tell the operator of the gateway: the detail says what to set up.',
  },
  UPSTREAM_THROTTLED: {
    status: 503,
    retryable: true,
    title: 'CAMS is throttling',
    meaning: 'The quota of the account at CAMS is used up for the moment.',
    remedy: 'Wait as long as `Retry-After` says.',
  },
  UPSTREAM_UNAVAILABLE: {
    status: 502,
    retryable: true,
    title: 'CAMS is not available',
    meaning: 'CAMS could not be reached or gave no usable answer. No write was executed.',
    remedy: 'Send the request again a little later.',
  },
  UPSTREAM_TIMEOUT: {
    status: 504,
    retryable: true,
    title: 'CAMS did not answer in time',
    meaning: 'CAMS did not answer a read within the deadline, or a write could not be sent within it.',
    remedy: 'Send the request again a little later.',
  },
  OUTCOME_UNKNOWN: {
    status: 504,
    // Repeating the request blindly could apply it twice; with an idempotency key it is reconciled instead.
    retryable: false,
    title: 'The outcome of the write is unknown',
    meaning: 'The write was sent to CAMS, and no answer tells whether it was applied.',
    remedy: 'Read the group, or the operation named in the answer, before you decide to repeat the write.',
  },
  COHERENCE_UNAVAILABLE: {
    status: 503,
    retryable: true,
    title: 'Coherence cannot be guaranteed now',
    meaning:
      'The cache store is out of reach and the gateway is set to refuse writes meanwhile. Nothing was sent.',
    remedy: 'Wait as long as `Retry-After` says.',
  },
  STATE_UNAVAILABLE: {
    status: 503,
    retryable: true,
    title: 'The state store is not available',
    meaning: 'The record that protects this write could not be kept. Nothing was sent.',
    remedy: 'Wait as long as `Retry-After` says.',
  },
  OVERLOADED: {
    status: 503,
    retryable: true,
    title: 'The gateway is overloaded',
    meaning: 'Too much work is waiting, or the process is about to stop. Nothing was done.',
    remedy: 'Wait as long as `Retry-After` says.',
  },
  INTERNAL: {
    status: 500,
    retryable: false,
    title: 'Internal error',
    meaning: 'A defect of the gateway.',
    remedy: 'Report it with the `requestId`.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;
