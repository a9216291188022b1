import { createHash, createHmac } from 'node:crypto';
import { canonicalQuery, decodeQuery } from './percent-encoding.js';

/** The only algorithm that the sandbox supports in an Authorization header. */
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
    canonicalQueryOf(request.query),
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

function canonicalQueryOf(query: string): string {
  // All SDKs write upper-case escapes, as RFC 3986 recommends. A lower-case one means that the query was altered.
  if (/%(?:[a-f]|.[a-f])/.test(query)) throw new URIError('escape in lower case');
  return canonicalQuery(decodeQuery(query));
}
