import { ERRORS, type ErrorCode } from './catalogue.js';

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
  /** The create operation to poll for the outcome. */
  readonly operationId?: string;
  /** Values for the `Allow` header of a 405. */
  readonly allow?: readonly string[];
  /** Whether this is a replay: the outcome of an earlier request with the same idempotency key. Sent as a header. */
  readonly replayed?: boolean;
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
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = options.status ?? ERRORS[code].status;
    this.retryable = options.retryable ?? ERRORS[code].retryable;
  }
}

/** Returns the error for anything that does not exist or is not the caller's. The text is always the same. */
export function notFound(): GatewayError {
  return new GatewayError('NOT_FOUND', 'There is no such resource, or it is not yours.');
}

export function validationFailed(violations: readonly Violation[]): GatewayError {
  return new GatewayError('VALIDATION_FAILED', `Invalid: ${violations.map((v) => v.field).join(', ')}.`, {
    violations,
  });
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
