import { shownName } from '../util/shown-name.js';
import type { RefusedCredentials } from '../request/refused-credentials.js';
import { ERRORS, type ErrorCode } from './catalogue.js';
import type { LimitName } from '../request/limits.js';

/** An invalid field. `field` is its dotted API name, without `input.`. */
export interface Violation {
  readonly field: string;
  readonly message: string;
}

export interface GatewayErrorOptions {
  readonly violations?: readonly Violation[];
  readonly upstreamRequestId?: string;
  readonly upstreamCode?: string;
  /** Overrides the status in the catalogue, for codes that have several (413, 414, 431). */
  readonly status?: number;
  readonly retryable?: boolean;
  readonly retryAfterSeconds?: number;
  /** The limit of a `RATE_LIMITED`. Not sent to the client. */
  readonly limit?: LimitName;
  /** The create operation to poll for the outcome. */
  readonly operationId?: string;
  /** Values for the `Allow` header of a 405. */
  readonly allow?: readonly string[];
  /** Whether this is a replay: the outcome of an earlier request with the same idempotency key. Sent as a header. */
  readonly replayed?: boolean;
  /** Why authentic credentials are not valid, for the header `WWW-Authenticate` of a 401. ASCII without quotes. */
  readonly invalidToken?: string;
  /** The credentials that were refused. For the log only; never sent to the client. */
  readonly refused?: RefusedCredentials;
  /** For the log only; never sent to the client. */
  readonly cause?: unknown;
}

/** The only error class that may reach a caller. `detail` must be safe to show to the caller. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly status: number;
  readonly retryable: boolean;

  constructor(
    readonly code: ErrorCode,
    readonly detail: string,
    readonly options: GatewayErrorOptions = {},
  ) {
    const { stackTraceLimit } = Error;
    // Of a fault of the gateway, the stack is that of its cause. Collecting one for each refusal costs a tenth of it.
    Error.stackTraceLimit = 0;
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    Error.stackTraceLimit = stackTraceLimit;
    this.status = options.status ?? ERRORS[code].status;
    this.retryable = options.retryable ?? ERRORS[code].retryable;
  }
}

/** Returns the error for anything that does not exist or is not the caller's. The text is always the same. */
export function notFound(): GatewayError {
  return new GatewayError('NOT_FOUND', 'The resource does not exist, or you do not have access to it.');
}

/**
 * Returns the error that ends work for which nobody waits any more. No client receives it. Its code is one that neither
 * makes a write count as executed nor CAMS as failing.
 */
export function clientLeft(): GatewayError {
  return new GatewayError('OVERLOADED', 'The client has left.');
}

/** Maximum number of violations in a response: its size must not depend on what the caller sends. */
const MAX_VIOLATIONS = 20;

/** Returns the error for invalid fields. If there are many, it names the first ones, and says how many more there are. */
export function validationFailed(all: readonly Violation[]): GatewayError {
  const violations = all
    .slice(0, MAX_VIOLATIONS)
    .map(({ field, message }) => ({ field: shownName(field), message }));
  const more = all.length > MAX_VIOLATIONS ? ` and ${all.length - MAX_VIOLATIONS} more` : '';
  const fields = violations.map(({ field }) => field).join(', ');
  return new GatewayError('VALIDATION_FAILED', `Invalid: ${fields}${more}.`, { violations });
}

/** Returns a gateway error as it is, and anything else as `INTERNAL`. */
export function asGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  return new GatewayError(
    'INTERNAL',
    'The gateway encountered an internal error. Contact its operator and include the request ID.',
    {
      cause: thrown,
    },
  );
}
