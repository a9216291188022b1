/** An entry of the catalogue. `/docs/errors` prints `meaning` and `remedy`. */
interface ErrorEntry {
  readonly status: number;
  /** Whether the same request may succeed later, unchanged. */
  readonly retryable: boolean;
  /** Replaces "retryable" or "not retryable" in the documentation, if it depends on something. */
  readonly retryNote?: string;
  readonly title: string;
  readonly meaning: string;
  readonly remedy: string;
  /**
   * Whether CAMS can refuse a write with this error for good, so that a retry with the same idempotency key returns it
   * again. After other errors, and if nothing was sent, the retry is executed.
   */
  readonly isReplayed?: true;
}

/** Every error that the gateway returns, over REST and GraphQL. */
export const ERRORS = {
  UNAUTHENTICATED: {
    status: 401,
    retryable: false,
    title: 'Missing or invalid credentials',
    meaning: 'The request has no credentials, or they are unknown, malformed or expired.',
    remedy:
      'Send a valid API key or token as `Authorization: Bearer …`, or an API key as `X-Api-Key`. If `detail` says that it has expired, get a new one.',
  },
  FORBIDDEN: {
    status: 403,
    retryable: false,
    title: 'Missing permission',
    meaning: 'The resource is yours, but these credentials lack the permission that the operation requires.',
    remedy: 'Use credentials with the permission named in `detail`.',
  },
  NOT_FOUND: {
    status: 404,
    retryable: false,
    title: 'Not found',
    meaning: 'The group, operation, space, business number or route does not exist, or it is not yours.',
    remedy: 'Check the ID. A deleted group cannot be recovered.',
    isReplayed: true,
  },
  VALIDATION_FAILED: {
    status: 400,
    retryable: false,
    title: 'Invalid request',
    meaning: 'One or more fields are missing, malformed or out of range; `violations` lists them.',
    remedy: 'Fix the listed fields and send the request again.',
    isReplayed: true,
  },
  PERSISTED_QUERY_NOT_FOUND: {
    status: 200,
    retryable: true,
    retryNote: 'retryable after adding the document',
    title: 'Persisted query not found',
    meaning:
      'GraphQL only: the gateway does not store a document with this hash. The message is `PersistedQueryNotFound`, as clients expect.',
    remedy: 'Send the document together with its hash, as clients with automatic persisted queries do.',
  },
  QUERY_REFUSED: {
    status: 400,
    retryable: false,
    title: 'GraphQL document refused',
    meaning:
      'The document has a syntax error, selects an unknown field, is too deep, too large or too costly, or is not a trusted document.',
    remedy:
      'Fix the document or split it; if the gateway only executes trusted documents, send the ID of one.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    retryable: false,
    title: 'Method not allowed',
    meaning: 'The route exists, but not for this method.',
    remedy: 'Use a method listed in the `Allow` header.',
  },
  NOT_ACCEPTABLE: {
    status: 406,
    retryable: false,
    title: 'Not acceptable',
    meaning: 'The `Accept` header excludes every media type that the gateway can return.',
    remedy: 'Send `Accept: application/json`.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    retryable: false,
    title: 'Unsupported media type',
    meaning: '`Content-Type` does not declare the body as JSON in UTF-8, or the body is compressed.',
    remedy: 'Send uncompressed JSON in UTF-8, with `Content-Type: application/json`.',
  },
  REQUEST_TIMEOUT: {
    status: 408,
    retryable: true,
    title: 'Request timeout',
    meaning: 'The headers or the body did not arrive in time.',
    remedy: 'Send the request again.',
  },
  PRECONDITION_FAILED: {
    status: 412,
    retryable: false,
    title: 'Precondition failed',
    meaning: 'The group has changed: its entity tag no longer matches `If-Match` (GraphQL: `ifMatch`).',
    remedy: 'Read the group again. If you still want to make the change, send it with the new entity tag.',
  },
  CONFLICT: {
    status: 409,
    retryable: true,
    title: 'Conflicting operation in progress',
    meaning:
      'Another group of this business number is being created with, or renamed to, the same subject; or a pending create operation may have created the group that you rename or delete.',
    remedy:
      'If the response has an `operationId`, wait for that operation to end, or close it; otherwise wait for a few seconds. Then check whether a group with this subject exists before you create another.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    retryable: false,
    title: 'Idempotency key reused',
    meaning: 'The idempotency key was already used for a different request.',
    remedy: 'Use a new idempotency key for each new request.',
  },
  IDEMPOTENCY_IN_FLIGHT: {
    status: 409,
    retryable: true,
    title: 'Request with this idempotency key in flight',
    meaning: 'The first request with this idempotency key has not finished yet.',
    remedy: 'Retry shortly with the same idempotency key.',
  },
  PAYLOAD_TOO_LARGE: {
    status: 413,
    retryable: false,
    title: 'Request too large',
    meaning:
      'The body (413), the URL (414), the headers (431) or the resulting request to CAMS (413) is too long.',
    remedy: 'Send less data. CAMS receives all of it in a URL, where one CJK character takes nine bytes.',
  },
  RATE_LIMITED: {
    status: 429,
    retryable: true,
    title: 'Rate limit reached',
    meaning:
      'A limit of your tenant is reached, which `detail` names: requests per minute, concurrent requests, deletes per hour or records of writes. Or too many credentials from your address were refused.',
    remedy:
      'Retry after `retryAfter` seconds. Concurrent requests take a second, deletes up to an hour and records up to a day: tell the user rather than wait.',
  },
  UPSTREAM_REJECTED: {
    status: 422,
    retryable: false,
    title: 'CAMS refused the request',
    meaning:
      'CAMS refused the request; `upstreamCode` says why. `detail` quotes the message of CAMS if the code names a parameter.',
    remedy: 'Resolve the problem that `upstreamCode` names. Nothing was changed.',
    isReplayed: true,
  },
  UPSTREAM_NOT_ALLOWED: {
    status: 502,
    retryable: false,
    title: 'CAMS does not allow the gateway to do this',
    meaning:
      'The Alibaba Cloud account is not allow-listed or subscribed, or its credentials or grants are insufficient.',
    remedy: 'Contact the operator of the gateway: `detail` says what to set up.',
  },
  UPSTREAM_THROTTLED: {
    status: 503,
    retryable: true,
    title: 'CAMS is throttling',
    meaning: 'The account has exhausted its CAMS quota for now.',
    remedy: 'Retry after `retryAfter` seconds.',
  },
  UPSTREAM_UNAVAILABLE: {
    status: 502,
    retryable: true,
    title: 'CAMS is unavailable',
    meaning:
      'CAMS could not be reached or returned no usable response; no write was executed. If `retryable` is false, an earlier request with this idempotency key had sent its write, and it was not executed; a new group was probably not created.',
    remedy:
      'Retry shortly. If `retryable` is false, check the current state and send the write with a new idempotency key.',
  },
  UPSTREAM_TIMEOUT: {
    status: 504,
    retryable: true,
    title: 'CAMS did not respond in time',
    meaning: 'CAMS did not respond to a read before the deadline, or a write could not be sent before it.',
    remedy: 'Retry shortly.',
  },
  OUTCOME_UNKNOWN: {
    status: 504,
    // A blind retry could apply the write twice. With an idempotency key, a retry reconciles it instead.
    retryable: false,
    retryNote: 'retryable with an idempotency key',
    title: 'The outcome of the write is unknown',
    meaning: 'The write was sent, but CAMS did not confirm it.',
    remedy:
      'With an idempotency key, send the same request again: the gateway checks the outcome instead of writing twice; if `retryAfter` is 60, it cannot find out, so check the current state. Without a key, read the group, or poll the operation named in the response, before you write again.',
  },
  COHERENCE_UNAVAILABLE: {
    status: 503,
    retryable: true,
    title: 'Coherence cannot be guaranteed',
    meaning:
      'The cache store is unavailable, and the gateway is configured to reject writes while it is down. Nothing was sent.',
    remedy: 'Retry after `retryAfter` seconds.',
  },
  STATE_UNAVAILABLE: {
    status: 503,
    retryable: true,
    title: 'The state store is unavailable',
    meaning:
      'The record that protects this write, or its line in the audit log, could not be stored. Nothing was sent.',
    remedy: 'Retry after `retryAfter` seconds.',
  },
  OVERLOADED: {
    status: 503,
    retryable: true,
    title: 'The gateway is overloaded',
    meaning:
      'Too much work is queued, the process is shutting down, or it cannot verify tokens yet. Nothing was done.',
    remedy: 'Retry after `retryAfter` seconds.',
  },
  INTERNAL: {
    status: 500,
    retryable: false,
    title: 'Internal error',
    meaning: 'A bug in the gateway.',
    remedy: 'Report it, including the `requestId`.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

/** Returns whether to retry, in words, for the documentation. */
export function retryNote(code: ErrorCode): string {
  const entry: ErrorEntry = ERRORS[code];
  return entry.retryNote ?? (entry.retryable ? 'retryable' : 'not retryable');
}

export function isReplayed(code: ErrorCode): boolean {
  const entry: ErrorEntry = ERRORS[code];
  return entry.isReplayed === true;
}
