import { timingSafeEqual } from 'node:crypto';
import type { Nonces } from './nonces.js';
import { missing, Refusal } from './refusal.js';
import { ALGORITHM, canonicalRequest, sha256, sign, stringToSign } from './signature.js';
import { MINUTE_MS } from '../util/durations.js';

/** Credentials of the sandbox's only account. They are public and valid nowhere else. */
export const CREDENTIALS = { accessKeyId: 'sandbox', accessKeySecret: 'sandbox-secret' } as const;

const WINDOW_MS = 15 * MINUTE_MS;
const MAX_NONCE_LENGTH = 256;
const AUTHORIZATION =
  /^ACS3-HMAC-SHA256 Credential=(?<keyId>[^,\s]+),SignedHeaders=(?<headers>[a-z0-9;-]+),Signature=(?<signature>[0-9a-f]{64})$/;

/** A request as it arrived: header names in lower case, the raw query without its `?`. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/**
 * Throws a {@link Refusal} with the vendor's code unless the request is signed by the sandbox's account, recent, and
 * not a replay.
 */
export function authenticate(request: ReceivedRequest, nonces: Nonces, now: number): void {
  const { headers } = request;
  const authorization = headers.get('authorization');
  if (authorization === undefined) throw missing('AccessKeyId');
  const parts = AUTHORIZATION.exec(authorization)?.groups;
  const { keyId, headers: names, signature } = parts ?? {};
  if (keyId === undefined || names === undefined || signature === undefined) {
    throw new Refusal(
      'IncompleteSignature',
      `The Authorization header is not a complete ${ALGORITHM} header.`,
    );
  }
  const nonce = headers.get('x-acs-signature-nonce');
  if (!nonce || nonce.length > MAX_NONCE_LENGTH) throw missing('SignatureNonce');
  const sentAt = readDate(headers.get('x-acs-date'), now);
  if (keyId !== CREDENTIALS.accessKeyId) {
    throw new Refusal('InvalidAccessKeyId.NotFound', 'Specified access key is not found.');
  }
  checkSignature(request, names.split(';'), signature);
  // Remember only signed nonces; otherwise any client could use up the nonces of others. A date ahead of our clock
  // keeps the request valid for longer, so its nonce is stored for just as long.
  if (!nonces.use(nonce, now, Math.max(now, sentAt) + WINDOW_MS)) {
    throw new Refusal('SignatureNonceUsed', 'Specified signature nonce was already used.');
  }
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

function checkSignature(request: ReceivedRequest, signedHeaders: readonly string[], signature: string): void {
  const { headers, body } = request;
  const unsigned = [...headers.keys()].find((name) => mustBeSigned(name) && !signedHeaders.includes(name));
  if (unsigned !== undefined) throw mismatch(`header ${unsigned} is not signed`);
  const bodyHash = headers.get('x-acs-content-sha256') ?? '';
  if (bodyHash !== sha256(body)) throw mismatch('x-acs-content-sha256 is not the hash of the body');
  let canonical: string;
  try {
    canonical = canonicalRequest({ ...request, signedHeaders, bodyHash });
  } catch (error) {
    if (error instanceof URIError) throw mismatch('the query is not percent-encoded UTF-8');
    throw error;
  }
  const expected = Buffer.from(sign(canonical, CREDENTIALS.accessKeySecret));
  if (!timingSafeEqual(expected, Buffer.from(signature))) {
    // The vendor also quotes what it computed, so a gateway that forwards its messages leaks numbers and space ids.
    throw mismatch(
      `server String to sign is: '${stringToSign(canonical)}', canonical request is: '${canonical}'`,
    );
  }
}

function mustBeSigned(name: string): boolean {
  return name === 'host' || name === 'content-type' || name.startsWith('x-acs-');
}

function mismatch(why: string): Refusal {
  return new Refusal(
    'SignatureDoesNotMatch',
    `The request signature does not conform to Aliyun standards. ${why}`,
  );
}
