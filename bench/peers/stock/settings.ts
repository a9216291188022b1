import { readFileSync } from 'node:fs';

/** Settings from the benchmark. */
export const settings = {
  redisUrl: required('REDIS_URL'),
  camsEndpoint: required('CAMS_ENDPOINT'),
  issuer: required('JWT_ISSUER'),
  audience: required('JWT_AUDIENCE'),
  publicKey: readFileSync(required('JWT_PUBLIC_KEY_FILE'), 'utf8'),
  // CACHE_FRESH_MS of the gateway, so that pages expire equally in both.
  ttlMs: 15_000,
};

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is required.`);
  return value;
}
