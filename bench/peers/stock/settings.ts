import { readFileSync } from 'node:fs';

/** What the bench tells the peer. */
export const settings = {
  redisUrl: required('REDIS_URL'),
  camsEndpoint: required('CAMS_ENDPOINT'),
  issuer: required('JWT_ISSUER'),
  audience: required('JWT_AUDIENCE'),
  publicKey: readFileSync(required('JWT_PUBLIC_KEY_FILE'), 'utf8'),
  // CACHE_FRESH_MS of the gateway: both list a page anew that is asked for when it is older.
  ttlMs: 15_000,
};

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is required.`);
  return value;
}
