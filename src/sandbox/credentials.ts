import { Refusal } from './refusal.js';

/** Credentials of the sandbox's only account. They are public and valid nowhere else. */
export const CREDENTIALS = { accessKeyId: 'sandbox', accessKeySecret: 'sandbox-secret' } as const;

/** The temporary token of STS, which is valid with any access key id. Its secret is that of {@link CREDENTIALS}. */
export const SECURITY_TOKEN = 'sandbox-token';

/** Returns the secret of an access key. Throws the vendor's refusal if the key or the token is not valid. */
export function secretOf(
  accessKeyId: string,
  securityToken: string | undefined,
  isTokenExpired: boolean,
): string {
  if (!securityToken) {
    if (accessKeyId === CREDENTIALS.accessKeyId) return CREDENTIALS.accessKeySecret;
    throw new Refusal('InvalidAccessKeyId.NotFound', 'Specified access key is not found.');
  }
  if (securityToken !== SECURITY_TOKEN) {
    throw new Refusal('InvalidSecurityToken.Malformed', 'Specified SecurityToken is malformed.');
  }
  if (isTokenExpired) {
    throw new Refusal('InvalidSecurityToken.Expired', 'Specified SecurityToken is expired.');
  }
  return CREDENTIALS.accessKeySecret;
}
