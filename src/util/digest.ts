import { hash } from 'node:crypto';

const CHARACTERS = 22;

/** A short name for several texts: 132 bits of SHA-256, base64url. Length prefixes keep ('ab', 'c') and ('a', 'bc') apart. */
export function digestOf(parts: readonly string[]): string {
  const text = parts.map((part) => `${part.length}:${part}`).join('');
  return hash('sha256', text, 'base64url').slice(0, CHARACTERS);
}
