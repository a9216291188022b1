import { SANDBOX_PEPPER, type Config } from '../../config/config.js';
import { digestSecret } from './api-keys.js';

/** Secrets of the demo keys in docs/sandbox.md, also of the one that has expired there. */
const DEMO_SECRETS = ['A', 'B', 'C', 'D'].map((letter) => letter.repeat(43));

/** Returns the digests of the demo keys to reject: all of them in production, where CAMS may be the real one. */
export function refusedDemoDigests(config: Config): ReadonlySet<string> {
  if (!config.production) return new Set();
  // A copied sandbox file has digests under the sandbox's pepper. Such keys could never match, so reject them as well.
  const { pepper, previousPepper } = config.tenancy;
  const peppers = [pepper, ...(previousPepper === null ? [] : [previousPepper]), SANDBOX_PEPPER];
  return new Set(
    peppers.flatMap((pepper) => DEMO_SECRETS.map((secret) => digestSecret(secret, pepper).toString('hex'))),
  );
}
