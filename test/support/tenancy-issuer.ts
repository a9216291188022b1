import { createServer, type Server, type ServerResponse } from 'node:http';
import {
  CompactSign,
  exportJWK,
  generateKeyPair,
  type CompactJWSHeaderParameters,
  type CryptoKey,
  type JWK,
} from 'jose';

export const ISSUER = 'https://issuer.example.com';
export const AUDIENCE = 'chatgroup-gateway';

/** A signing key of the issuer, and its entry in the key set. */
export interface SigningKey {
  readonly alg: string;
  readonly kid: string | undefined;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

export async function makeKey(alg: string, kid: string | undefined): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), use: 'sig', alg, ...(kid !== undefined && { kid }) };
  return { alg, kid, privateKey, jwk };
}

export function keySet(...keys: readonly SigningKey[]): string {
  return JSON.stringify({ keys: keys.map(({ jwk }) => jwk) });
}

/** Returns valid claims. `undefined` in `changes` removes a claim. */
export function claims(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1_000);
  return {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: 'user-1',
    iat: now,
    exp: now + 600,
    tenant: 'acme',
    scope: 'groups:read groups:write',
    ...changes,
  };
}

/** Signs any payload. Unlike jose's own builder, it accepts malformed claims and headers. */
export async function sign(
  key: SigningKey,
  payload: unknown = claims(),
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const protectedHeader: CompactJWSHeaderParameters = {
    alg: key.alg,
    typ: 'JWT',
    ...(key.kid !== undefined && { kid: key.kid }),
    ...header,
  };
  const bytes = new TextEncoder().encode(typeof payload === 'string' ? payload : JSON.stringify(payload));
  const signer = new CompactSign(bytes).setProtectedHeader(protectedHeader);
  return signer.sign(key.privateKey, { crit: { exp: true, 'urn:example:mind': true } });
}

/** Serves an issuer's key set over HTTP. `answer` can be replaced at any time. */
export class IssuerServer {
  requests = 0;
  answer: (response: ServerResponse) => void = (response) => response.writeHead(503).end();
  readonly #server: Server = createServer((_request, response) => {
    this.requests += 1;
    this.answer(response);
  });

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return `http://127.0.0.1:${address.port}/jwks.json`;
  }

  publish(...keys: readonly SigningKey[]): void {
    this.answer = (response) => response.setHeader('content-type', 'application/json').end(keySet(...keys));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
