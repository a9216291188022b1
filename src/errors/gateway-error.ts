import { ERRORS, type ErrorCode } from './catalogue.js';

/** A bad field: `field` is dotted, in the words of the contract, without `input.`. */
export interface Violation {
  readonly field: string;
  readonly message: string;
}

export interface GatewayErrorOptions {
  readonly violations?: readonly Violation[];
  readonly upstreamRequestId?: string;
  readonly upstreamCode?: string;
  /** Replaces the status of the catalogue, where one code has several (413, 414, 431). */
  readonly status?: number;
  readonly retryable?: boolean;
  readonly retryAfterSeconds?: number;
  /** The operation that tells later what became of a create. */
  readonly operationId?: string;
  /** Values for the `Allow` header of a 405. */
  readonly allow?: readonly string[];
  /** Whether it is the outcome of an earlier request with the same idempotency key; said in a header. */
  readonly replayed?: boolean;
  /** Kept for the log only: never rendered. */
  readonly cause?: unknown;
}

/** The one error class that may reach a caller. `detail` must be fit for the caller's eyes. */
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

/** The answer to everything that does not exist or is not the caller's: always the same words. */
export function notFound(): GatewayError {
  return new GatewayError('NOT_FOUND', 'There is no such resource, or it is not yours.');
}

export function validationFailed(violations: readonly Violation[]): GatewayError {
  return new GatewayError('VALIDATION_FAILED', `Not valid: ${violations.map((v) => v.field).join(', ')}.`, {
    violations,
  });
}

/** The error itself if it is of the catalogue, else `INTERNAL`. */
export function asGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  return new GatewayError(
    'INTERNAL',
    'The gateway failed; the request id helps its operator to find out why.',
    {
      cause: thrown,
    },
  );
}
