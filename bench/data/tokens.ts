import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { SPACES } from './scopes.js';

export const ISSUER = 'https://issuer.example.com';
export const AUDIENCE = 'chatgroup-gateway';

// The algorithm that is fastest to verify, which favours the peer that verifies every time.
const ALGORITHM = 'RS256';
const KEY_ID = 'bench';

/** The keys of an issuer, created for one run, and a token for each space. */
export interface Tokens {
  /** The issuer's public keys, as JSON. */
  readonly keySet: string;
  /** The same key as PEM. */
  readonly publicKey: string;
  /** The token of the space's tenant. */
  of(custSpaceId: string): string;
}

export async function makeTokens(): Promise<Tokens> {
  const { privateKey, publicKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), use: 'sig', alg: ALGORITHM, kid: KEY_ID };
  const tokens = new Map<string, string>();
  for (const space of SPACES) {
    const claims = {
      tenant: space,
      cust_space_ids: [space],
      scope: 'groups:read groups:write groups:invite participants:read',
    };
    const token = new SignJWT(claims)
      .setProtectedHeader({ alg: ALGORITHM, kid: KEY_ID, typ: 'JWT' })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject('bench')
      .setIssuedAt()
      .setExpirationTime('12h');
    tokens.set(space, await token.sign(privateKey));
  }
  return {
    keySet: JSON.stringify({ keys: [jwk] }),
    publicKey: await exportSPKI(publicKey),
    of(custSpaceId) {
      const token = tokens.get(custSpaceId);
      if (token === undefined) throw new Error(`No tenant owns ${custSpaceId}.`);
      return token;
    },
  };
}
