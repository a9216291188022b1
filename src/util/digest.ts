import { hash } from 'node:crypto';

const CHARACTERS = 22;

/** Returns 132 bits of SHA-256 in base64url. Length prefixes distinguish ('ab', 'c') from ('a', 'bc'). */
export function digestOf(parts: readonly string[]): string {
  const text = parts.map((part) => `${part.length}:${part}`).join('');
  return hash('sha256', text, 'base64url').slice(0, CHARACTERS);
}
