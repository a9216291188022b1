import { CombinedGraphQLErrors } from '@apollo/client';

/** What went wrong, in the terms of the gateway's error catalogue (`/docs/errors`). */
export interface Problem {
  /** A code of the catalogue, or `NETWORK` if the gateway did not respond. */
  readonly code: string;
  readonly message: string;
  /** Whether the same request, with the same idempotency key, may succeed later. */
  readonly retryable: boolean;
  /** Messages by field of the input. */
  readonly violations: Readonly<Record<string, string>>;
  /** Identifies the request in the logs of the gateway. */
  readonly requestId?: string;
}

interface Extensions {
  readonly code?: string;
  readonly retryable?: boolean;
  readonly requestId?: string;
  readonly violations?: readonly { readonly field: string; readonly message: string }[];
}

/** Reads the error of a query or mutation. Decide by `code`, never by the message: messages may change. */
export function problemOf(error: unknown): Problem {
  const first = CombinedGraphQLErrors.is(error) ? error.errors[0] : undefined;
  if (first === undefined) {
    return { code: 'NETWORK', message: 'The gateway does not respond.', retryable: true, violations: {} };
  }
  const { code = 'INTERNAL', retryable = false, requestId, violations = [] } = first.extensions as Extensions;
  return {
    code,
    message: first.message,
    retryable,
    violations: Object.fromEntries(violations.map(({ field, message }) => [field, message])),
    ...(requestId !== undefined && { requestId }),
  };
}
