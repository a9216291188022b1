/** Whether a value is a valid key: 1–255 visible ASCII characters. */
export function isIdempotencyKey(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]{1,255}$/.test(value);
}

/** Parses `Idempotency-Key`, quoted or bare; `undefined` if invalid. See draft-ietf-httpapi-idempotency-key-header. */
export function parseIdempotencyKey(header: string): string | undefined {
  const text = header.trim();
  const quoted = /^"((?:[\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/.exec(text)?.[1]?.replace(/\\(["\\])/g, '$1');
  const bare = text.startsWith('"') ? undefined : text;
  const key = quoted ?? bare;
  return isIdempotencyKey(key) ? key : undefined;
}
