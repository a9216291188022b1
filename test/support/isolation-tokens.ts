import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PERMISSIONS } from '../../src/tenancy/permissions.js';
import { AUDIENCE, ISSUER, claims, keySet, makeKey, sign } from './tenancy-issuer.js';

/** A token issuer that a gateway with these settings trusts. */
export interface Tokens {
  readonly settings: Readonly<Record<string, string>>;
  /** Returns a token for acme with every permission, limited to these spaces. */
  forSpaces(custSpaceIds: readonly string[]): Promise<string>;
  /** Returns a token for acme with this `scope`. */
  withScope(scope: string): Promise<string>;
  close(): void;
}

export async function makeTokens(): Promise<Tokens> {
  const folder = mkdtempSync(join(tmpdir(), 'isolation-'));
  const key = await makeKey('ES256', 'isolation');
  const JWT_JWKS_FILE = join(folder, 'jwks.json');
  writeFileSync(JWT_JWKS_FILE, keySet(key));
  return {
    settings: { JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE, JWT_JWKS_FILE },
    forSpaces: async (custSpaceIds) =>
      sign(key, claims({ scope: PERMISSIONS.join(' '), cust_space_ids: custSpaceIds })),
    withScope: async (scope) => sign(key, claims({ scope })),
    close: () => rmSync(folder, { recursive: true }),
  };
}
