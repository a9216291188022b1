const MAX_CHARACTERS = 64;
/** Words and short numbers: `checkout-7f3a`, `web.42:list`. No upper case, so that no key or token fits. */
const WORDS = /^[a-z0-9]{1,16}(?:[._:-][a-z0-9]{1,16})*$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** As nginx and OpenTelemetry make them. */
const TRACE_ID = /^(?=\d*[a-f])[0-9a-f]{32}$/;
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
/** Fewer than any phone number has. */
const MAX_DIGITS = 6;
/** Begins the public part of an API key. */
const KEY_PREFIX = 'cgk';

/**
 * Returns the caller's `X-Request-Id` if it may be logged and returned, else `undefined`. The pattern is narrow, because
 * callers put keys, tokens and phone numbers into it.
 */
export function callerRequestId(header: string | string[] | undefined): string | undefined {
  if (typeof header !== 'string' || header.length > MAX_CHARACTERS) return undefined;
  if (UUID.test(header) || TRACE_ID.test(header) || ULID.test(header)) return header;
  if (!WORDS.test(header) || header.startsWith(KEY_PREFIX)) return undefined;
  return header.replace(/\D/g, '').length <= MAX_DIGITS ? header : undefined;
}
