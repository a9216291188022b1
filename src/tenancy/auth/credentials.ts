import { parseApiKey, looksLikeApiKey, type ApiKey } from './api-keys.js';

/** What a request carries, as the transport hands it over. */
export interface Credentials {
  /** The header `Authorization`. */
  readonly authorization?: string | undefined;
  /** The header `X-Api-Key`. */
  readonly apiKey?: string | undefined;
  /** Where the request comes from, balancers that are trusted taken off. */
  readonly address: string;
}

/** What the headers amount to, before anything is verified. */
export type Claimed =
  | { readonly kind: 'none' }
  /** Two different credentials: nobody can tell whose request this is. */
  | { readonly kind: 'conflict' }
  | { readonly kind: 'key'; readonly key: ApiKey }
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'malformed'; readonly as: 'key' | 'token' };

/** Reads the headers by the rules of the contract: a bearer that begins with `cgk_` is a key, else a token. */
export function readCredentials({ authorization = '', apiKey = '' }: Credentials): Claimed {
  if (authorization === '') return apiKey === '' ? { kind: 'none' } : readKey(apiKey);
  const bearer = /^bearer +([^\s]+)$/i.exec(authorization)?.[1];
  if (apiKey !== '' && apiKey !== bearer) return { kind: 'conflict' };
  if (bearer === undefined) return { kind: 'malformed', as: 'token' };
  // Sent in both headers, it can only be a key.
  return looksLikeApiKey(bearer) || apiKey !== '' ? readKey(bearer) : { kind: 'token', token: bearer };
}

function readKey(text: string): Claimed {
  const key = parseApiKey(text);
  return key === null ? { kind: 'malformed', as: 'key' } : { kind: 'key', key };
}
