import { createHash, createHmac } from 'node:crypto';

/** The only algorithm that the sandbox supports. */
export const ALGORITHM = 'ACS3-HMAC-SHA256';

/** The input of a signature. Header names are in lower case; the query is as received. */
export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly signedHeaders: readonly string[];
  readonly bodyHash: string;
}

/** Returns the SHA-256 in lower-case hex. */
export function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

/**
 * Returns the text whose hash is signed. Source: the vendor's "V3 request structure and signature".
 * Throws `URIError` if the query is not percent-encoded UTF-8.
 */
export function canonicalRequest(request: SignedRequest): string {
  const headers = request.signedHeaders.map((name) => `${name}:${request.headers.get(name)?.trim() ?? ''}\n`);
  return [
    request.method,
    request.path,
    canonicalQuery(request.query),
    headers.join(''),
    request.signedHeaders.join(';'),
    request.bodyHash,
  ].join('\n');
}

/** Returns the text that the HMAC is computed over. */
export function stringToSign(canonical: string): string {
  return `${ALGORITHM}\n${sha256(canonical)}`;
}

/** Returns the signature in lower-case hex, keyed with the raw secret. */
export function sign(canonical: string, secret: string): string {
  return createHmac('sha256', secret).update(stringToSign(canonical)).digest('hex');
}

/** Returns the names and values of a query in order. Throws `URIError` if it is not percent-encoded UTF-8. */
export function decodeQuery(query: string): [name: string, value: string][] {
  if (query === '') return [];
  return query.split('&').map((pair) => {
    const equals = pair.indexOf('=');
    return equals < 0 ? [decode(pair), ''] : [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))];
  });
}

function canonicalQuery(query: string): string {
  return decodeQuery(query)
    .sort(([name, value], [other, otherValue]) => compare(name, other) || compare(value, otherValue))
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&');
}

/** Compares by code unit, like the SDKs, never by locale. */
function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

function decode(text: string): string {
  // All SDKs write upper-case escapes, as RFC 3986 recommends. A lower-case one means that the query was altered.
  if (/%(?:[a-f]|.[a-f])/.test(text)) throw new URIError('escape in lower case');
  return decodeURIComponent(text.replaceAll('+', ' '));
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
