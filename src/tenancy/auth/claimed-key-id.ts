import { decodeProtectedHeader } from 'jose';
import { redactForeign } from '../../util/redaction.js';
import { looksLikeApiKey } from './api-keys.js';
import type { Credentials } from './credentials.js';

const MAX_CHARACTERS = 64;
/** More would not be logged, whatever is hidden in it, and redacting a long text takes milliseconds. */
const MAX_READ_CHARACTERS = 256;
/** The form of the secret of an API key, which may be in the place of its id. */
const SECRET = /^[\w-]{43}$/;
/** Words of key ids are shorter. What is longer may be a part of a secret. */
const LONG_RUN = /[^\W_]{20,}/g;

/** Returns the id of the key that refused credentials claim, of an API key or of a token's issuer, as it may be logged. */
export function claimedKeyId({ authorization = '', apiKey = '' }: Credentials): string | undefined {
  const bearer = authorization.replace(/^bearer +/i, '');
  const key = [bearer, apiKey].find(looksLikeApiKey);
  const id = key === undefined ? issuerKeyId(bearer) : /^cgk_([^.]+)\./.exec(key)?.[1];
  return id === undefined || SECRET.test(id) ? undefined : loggable(id);
}

function issuerKeyId(token: string): string | undefined {
  try {
    const { kid } = decodeProtectedHeader(token);
    return typeof kid === 'string' && kid !== '' ? kid : undefined;
  } catch {
    // Not a token.
    return undefined;
  }
}

/** Returns a text with the characters and the length of a key id. Anybody can send any text, also a secret or a number. */
function loggable(id: string): string {
  return redactForeign(id, MAX_READ_CHARACTERS)
    .replace(LONG_RUN, '***')
    .replace(/[^\w*-]/g, '_')
    .slice(0, MAX_CHARACTERS);
}
