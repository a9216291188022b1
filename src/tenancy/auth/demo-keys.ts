import ipaddr from 'ipaddr.js';
import { SANDBOX_PEPPER, type Config } from '../../config/config.js';
import { digestSecret } from './api-keys.js';

/** Secrets of the demo keys in the README. */
const DEMO_SECRETS = ['A', 'B', 'C'].map((letter) => letter.repeat(43));

/** Returns the digests of the demo keys to reject; empty with a sandbox, the only place where they are valid. */
export function refusedDemoDigests(config: Config): ReadonlySet<string> {
  if (config.sandbox !== null || isLoopback(config.cams.endpoint.host)) return new Set();
  // A copied sandbox file has digests under the sandbox's pepper. Such keys could never match, so reject them as well.
  const peppers = [config.tenancy.pepper, SANDBOX_PEPPER];
  return new Set(
    peppers.flatMap((pepper) => DEMO_SECRETS.map((secret) => digestSecret(secret, pepper).toString('hex'))),
  );
}

function isLoopback(host: string): boolean {
  const name = URL.parse(`http://${host}`)?.hostname.replace(/^\[|\]$/g, '') ?? '';
  return name === 'localhost' || (ipaddr.isValid(name) && ipaddr.process(name).range() === 'loopback');
}
