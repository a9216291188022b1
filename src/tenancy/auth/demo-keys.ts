import ipaddr from 'ipaddr.js';
import { SANDBOX_PEPPER, type Config } from '../../config/config.js';
import { digestSecret } from './api-keys.js';

/** Secrets of the demo keys, as the README prints them. */
const DEMO_SECRETS = ['A', 'B', 'C'].map((letter) => letter.repeat(43));

/** Digests of the demo keys where they must not work: everywhere but with a sandbox. */
export function refusedDemoDigests(config: Config): ReadonlySet<string> {
  if (config.sandbox !== null || isLoopback(config.cams.endpoint.host)) return new Set();
  // A copied sandbox file carries the digests under the sandbox's pepper; it would be dead weight, so it is named too.
  const peppers = [config.tenancy.pepper, SANDBOX_PEPPER];
  return new Set(
    peppers.flatMap((pepper) => DEMO_SECRETS.map((secret) => digestSecret(secret, pepper).toString('hex'))),
  );
}

function isLoopback(host: string): boolean {
  const name = URL.parse(`http://${host}`)?.hostname.replace(/^\[|\]$/g, '') ?? '';
  return name === 'localhost' || (ipaddr.isValid(name) && ipaddr.process(name).range() === 'loopback');
}
