import { ERRORS, type ErrorCode } from '../errors/catalogue.js';
import {
  GatewayError,
  type GatewayErrorOptions,
  notFound,
  validationFailed,
} from '../errors/gateway-error.js';
import { type Problem, problem } from '../errors/problem-details.js';

const REQUEST_ID = '5b0c3a52-6f0e-4c5e-9a53-0f4f6a3c2d10';
const UPSTREAM_REQUEST_ID = '90E63D28-E31D-1EB2-8939-A9486641B4BD';

/** What an error carries besides its text, where a reader could not guess it. */
const OPTIONS: Partial<Record<ErrorCode, GatewayErrorOptions>> = {
  UPSTREAM_REJECTED: { upstreamCode: 'Group.Number.Reach.Limit', upstreamRequestId: UPSTREAM_REQUEST_ID },
  UPSTREAM_NOT_ALLOWED: { upstreamCode: 'NoPermission', upstreamRequestId: UPSTREAM_REQUEST_ID },
  UPSTREAM_THROTTLED: { upstreamCode: 'Throttling.User', upstreamRequestId: UPSTREAM_REQUEST_ID },
  OUTCOME_UNKNOWN: { operationId: 'op_1b9d6bcd' },
  CONFLICT: { operationId: 'op_1b9d6bcd' },
};

/** Returns a problem as the gateway sends it. Its status, title and text come from the catalogue. */
export function problemExample(code: ErrorCode): Problem {
  return problem(exampleOf(code), REQUEST_ID);
}

function exampleOf(code: ErrorCode): GatewayError {
  if (code === 'NOT_FOUND') return notFound();
  if (code === 'VALIDATION_FAILED')
    return validationFailed([
      { field: 'subject', message: 'must be 1–128 characters, without control characters' },
    ]);
  return new GatewayError(code, ERRORS[code].meaning, OPTIONS[code]);
}
