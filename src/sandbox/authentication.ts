import { secretOf } from './credentials.js';
import type { Nonces } from './nonces.js';
import { missing, Refusal } from './refusal.js';
import { MINUTE_MS } from '../util/durations.js';

const WINDOW_MS = 15 * MINUTE_MS;
const MAX_NONCE_LENGTH = 256;

/** What a request says about itself, in whichever protocol. */
export interface SignatureClaims {
  readonly accessKeyId: string;
  readonly securityToken: string | undefined;
  readonly nonce: string | undefined;
  readonly date: string | undefined;
  /** Throws a {@link Refusal} unless the request was signed with this secret. */
  verify(secret: string): void;
}

/** What the sandbox knows about earlier requests and its token. Both protocols share the nonces. */
export interface AuthenticationState {
  readonly nonces: Nonces;
  readonly isTokenExpired: boolean;
}

/**
 * Throws a {@link Refusal} with the vendor's code unless the request is signed by the sandbox's account, recent, and
 * not a replay.
 */
export function authenticate(claims: SignatureClaims, state: AuthenticationState, now: number): void {
  const { nonce, accessKeyId, securityToken } = claims;
  if (!nonce || nonce.length > MAX_NONCE_LENGTH) throw missing('SignatureNonce');
  const sentAt = readDate(claims.date, now);
  claims.verify(secretOf(accessKeyId, securityToken, state.isTokenExpired));
  // Remember only signed nonces; otherwise any client could use up the nonces of others. A date ahead of our clock
  // keeps the request valid for longer, so its nonce is stored for just as long.
  if (!state.nonces.use(nonce, now, Math.max(now, sentAt) + WINDOW_MS)) {
    throw new Refusal('SignatureNonceUsed', 'Specified signature nonce was already used.');
  }
}

/** Returns the refusal of a request whose signature does not fit it. */
export function mismatch(why: string): Refusal {
  return new Refusal(
    'SignatureDoesNotMatch',
    `Specified signature is not matched with our calculation. ${why}`,
  );
}

function readDate(text: string | undefined, now: number): number {
  if (!text) throw missing('Timestamp');
  const sentAt = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(sentAt)) {
    throw new Refusal('InvalidTimeStamp.Format', 'Specified time stamp is not ISO 8601 in UTC.');
  }
  if (Math.abs(now - sentAt) > WINDOW_MS) {
    throw new Refusal('InvalidTimeStamp.Expired', 'Specified time stamp or date value is expired.');
  }
  return sentAt;
}
