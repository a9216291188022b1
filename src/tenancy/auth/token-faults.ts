import { errors } from 'jose';
import type { CheckedClaim, TokenFault } from '../../request/refused-credentials.js';
import { KeysNotFetched } from './jwks.js';

/** A token that jose would accept, but the gateway does not. */
export class TokenRefused extends Error {
  constructor(readonly fault: TokenFault) {
    super(fault);
  }
}

/** Returns why a token was not verified. What is not the token's fault is `unusable_issuer_key`. */
export function tokenFault(error: unknown): TokenFault {
  if (error instanceof TokenRefused) return error.fault;
  if (error instanceof errors.JWTExpired) return 'expired_token';
  if (error instanceof errors.JWTClaimValidationFailed) return claimFault(error);
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'bad_signature';
  if (error instanceof KeysNotFetched) return 'issuer_keys_not_fetched';
  if (error instanceof errors.JWKSNoMatchingKey) return 'unknown_issuer_key';
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported)
    return 'unsupported_algorithm';
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) return 'malformed_token';
  return 'unusable_issuer_key';
}

function claimFault({ claim, reason }: errors.JWTClaimValidationFailed): TokenFault {
  const name = claim as CheckedClaim;
  if (reason === 'missing') return `missing_${name}`;
  if (reason === 'check_failed') {
    if (name === 'iss') return 'wrong_issuer';
    if (name === 'aud') return 'wrong_audience';
    if (name === 'nbf') return 'not_yet_valid';
  }
  return `malformed_${name}`;
}
