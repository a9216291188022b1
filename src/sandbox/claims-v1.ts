import { timingSafeEqual } from 'node:crypto';
import { mismatch, type SignatureClaims } from './authentication.js';
import type { ReceivedCall } from './received-call.js';
import { missing, Refusal } from './refusal.js';
import { signV1, stringToSignV1, V1_METHOD } from './signature-v1.js';

const VERSION = '1.0';
/** Base64 of the 20 bytes of a SHA-1. */
const SIGNATURE = /^[A-Za-z0-9+/]{27}=$/;

/** Reads what a V1 request says about itself in its parameters. Throws a {@link Refusal} if something is missing. */
export function claimsV1({ request, pairs }: ReceivedCall): SignatureClaims {
  if (pairs === null) throw mismatch('the parameters are not percent-encoded UTF-8');
  const all = new Map(pairs);
  const required = (name: string): string => {
    const value = all.get(name);
    if (value) return value;
    throw missing(name);
  };
  const accessKeyId = required('AccessKeyId');
  if (required('SignatureMethod').toUpperCase() !== V1_METHOD) {
    throw new Refusal('InvalidSignatureMethod', `The sandbox supports only ${V1_METHOD}.`);
  }
  if (required('SignatureVersion') !== VERSION) {
    throw new Refusal('InvalidSignatureVersion', `The sandbox supports only version ${VERSION}.`);
  }
  const signature = required('Signature');
  if (!SIGNATURE.test(signature)) {
    throw new Refusal('IncompleteSignature', `Signature is not a complete ${V1_METHOD} in base64.`);
  }
  return {
    accessKeyId,
    securityToken: all.get('SecurityToken'),
    nonce: all.get('SignatureNonce'),
    date: all.get('Timestamp'),
    verify(secret) {
      const toSign = stringToSignV1(request.method, pairs);
      if (timingSafeEqual(Buffer.from(signV1(toSign, secret)), Buffer.from(signature))) return;
      throw mismatch(`server string to sign is:${toSign}`);
    },
  };
}
