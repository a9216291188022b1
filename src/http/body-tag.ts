import { hash } from 'node:crypto';

type Body = string | Buffer;

const HASH_CHARACTERS = 22;

/** Tags of bodies in memory: a memoized response is hashed only once. */
const tags = new WeakMap<Buffer, string>();

/**
 * Returns the entity tag of a body. The same body is another representation in each media type, so its strong tags must
 * differ. Source: RFC 9110, 8.8.3.
 */
export function bodyTag(body: Body, mediaType: string): string {
  const tag = typeof body === 'string' ? tagOf(body) : (tags.get(body) ?? tagOf(body));
  if (typeof body !== 'string') tags.set(body, tag);
  return mediaType.startsWith('application/json') ? `"${tag}"` : `"r-${tag}"`;
}

function tagOf(body: Body): string {
  return hash('sha256', body, 'base64url').slice(0, HASH_CHARACTERS);
}
