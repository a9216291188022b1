import { timingSafeEqual } from 'node:crypto';
import { mismatch, type SignatureClaims } from './authentication.js';
import type { ReceivedRequest } from './received-call.js';
import { missing, Refusal } from './refusal.js';
import { ALGORITHM, canonicalRequest, sha256, sign, stringToSign } from './signature.js';

const AUTHORIZATION =
  /^ACS3-HMAC-SHA256 Credential=(?<keyId>[^,\s]+),SignedHeaders=(?<headers>[a-z0-9;-]+),Signature=(?<signature>[0-9a-f]{64})$/;

/** Reads what an ACS3 request says about itself in its headers. Throws a {@link Refusal} if something is missing. */
export function claimsAcs3(request: ReceivedRequest): SignatureClaims {
  const { headers } = request;
  const authorization = headers.get('authorization');
  if (authorization === undefined) throw missing('AccessKeyId');
  const parts = AUTHORIZATION.exec(authorization)?.groups;
  const { keyId: accessKeyId, headers: names, signature } = parts ?? {};
  if (accessKeyId === undefined || names === undefined || signature === undefined) {
    throw new Refusal(
      'IncompleteSignature',
      `The Authorization header is not a complete ${ALGORITHM} header.`,
    );
  }
  if ((headers.get('x-acs-accesskey-id') ?? accessKeyId) !== accessKeyId) {
    throw new Refusal(
      'InvalidSecurityToken.MismatchWithAccessKey',
      'Specified SecurityToken mismatch with the AccessKey.',
    );
  }
  return {
    accessKeyId,
    securityToken: headers.get('x-acs-security-token'),
    nonce: headers.get('x-acs-signature-nonce'),
    date: headers.get('x-acs-date'),
    verify: (secret) => checkSignature(request, names.split(';'), signature, secret),
  };
}

function checkSignature(
  request: ReceivedRequest,
  signedHeaders: readonly string[],
  signature: string,
  secret: string,
): void {
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
  if (timingSafeEqual(Buffer.from(sign(canonical, secret)), Buffer.from(signature))) return;
  // The vendor also quotes what it computed, so a gateway that forwards its messages leaks numbers and space ids.
  throw mismatch(
    `server String to sign is: '${stringToSign(canonical)}', canonical request is: '${canonical}'`,
  );
}

function mustBeSigned(name: string): boolean {
  return name === 'host' || name === 'content-type' || name.startsWith('x-acs-');
}
