import { createHmac } from 'node:crypto';
import { canonicalQuery, encode } from './percent-encoding.js';

/** The only algorithm that the sandbox supports for V1. */
export const V1_METHOD = 'HMAC-SHA1';

/** Returns the text that is signed: of all parameters but `Signature`. Source: the vendor's "Signature method V2/RPC". */
export function stringToSignV1(
  method: string,
  pairs: readonly (readonly [name: string, value: string])[],
): string {
  const signed = pairs.filter(([name]) => name !== 'Signature');
  return `${method}&${encode('/')}&${encode(canonicalQuery(signed))}`;
}

/** Returns the signature in base64. The key is the secret and an ampersand. */
export function signV1(stringToSign: string, secret: string): string {
  return createHmac('sha1', `${secret}&`).update(stringToSign).digest('base64');
}
