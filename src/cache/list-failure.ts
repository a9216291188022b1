import { GatewayError } from '../errors/gateway-error.js';

const CODES = ['UPSTREAM_UNAVAILABLE', 'UPSTREAM_TIMEOUT', 'UPSTREAM_THROTTLED'] as const;

/** How CAMS failed to list a page, for the readers who come a moment later. */
export interface ListFailure {
  readonly code: (typeof CODES)[number];
  readonly retryAfterSeconds: number;
}

const LEAST_RETRY_SECONDS = 1;

/** Returns `undefined` unless CAMS failed to respond. A refusal is a response. */
export function listFailureOf(error: unknown): ListFailure | undefined {
  if (!(error instanceof GatewayError)) return undefined;
  const code = CODES.find((one) => one === error.code);
  return code && { code, retryAfterSeconds: error.options.retryAfterSeconds ?? LEAST_RETRY_SECONDS };
}

/** Returns the error for a reader of a page whose list failed a moment ago. */
export function recentFailure({ code, retryAfterSeconds }: ListFailure): GatewayError {
  const detail = 'A recent CAMS request for this page failed. Retry later.';
  return new GatewayError(code, detail, { retryAfterSeconds });
}

/** Returns a text for the page store. */
export function encodeListFailure({ code, retryAfterSeconds }: ListFailure): string {
  return `${code} ${retryAfterSeconds}`;
}

/** Reads what {@link encodeListFailure} wrote; anything else as `UPSTREAM_UNAVAILABLE`. */
export function decodeListFailure(text: string): ListFailure {
  const [name, seconds] = text.split(' ');
  const code = CODES.find((one) => one === name) ?? 'UPSTREAM_UNAVAILABLE';
  return { code, retryAfterSeconds: Math.max(LEAST_RETRY_SECONDS, Number(seconds) || 0) };
}
