import { parseApiKey, looksLikeApiKey, type ApiKey } from './api-keys.js';

/** The credentials of a request as received by the transport. */
export interface Credentials {
  /** The header `Authorization`. */
  readonly authorization?: string | undefined;
  /** The header `X-Api-Key`. */
  readonly apiKey?: string | undefined;
  /** Whether either header was sent more than once. */
  readonly areRepeated?: boolean;
  /** Client address, with trusted proxies removed. */
  readonly address: string;
}

/** The credentials that the headers claim, before verification. */
export type Claimed =
  | { readonly kind: 'none' }
  /** Several credentials: it is ambiguous whose request this is. */
  | { readonly kind: 'conflict'; readonly fault: 'different_credentials' | 'repeated_credentials' }
  | { readonly kind: 'key'; readonly key: ApiKey }
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'malformed'; readonly as: 'key' | 'token' };

/** Reads the headers. A bearer credential that begins with `cgk_` is an API key, any other is a token. */
export function readCredentials({ authorization = '', apiKey = '', areRepeated }: Credentials): Claimed {
  if (areRepeated === true) return { kind: 'conflict', fault: 'repeated_credentials' };
  if (authorization === '') return apiKey === '' ? { kind: 'none' } : readKey(apiKey);
  const bearer = /^bearer +([^\s]+)$/i.exec(authorization)?.[1];
  if (apiKey !== '' && apiKey !== bearer) return { kind: 'conflict', fault: 'different_credentials' };
  if (bearer === undefined) return { kind: 'malformed', as: 'token' };
  // A credential in both headers can only be a key.
  return looksLikeApiKey(bearer) || apiKey !== '' ? readKey(bearer) : { kind: 'token', token: bearer };
}

function readKey(text: string): Claimed {
  const key = parseApiKey(text);
  return key === null ? { kind: 'malformed', as: 'key' } : { kind: 'key', key };
}
