import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { outcome, acmeFile, TenancyFixture } from '../support/tenancy-fixture.js';
import { HttpProxy } from '../support/http-proxy.js';
import {
  AUDIENCE,
  claims,
  ISSUER,
  IssuerServer,
  makeKey,
  sign,
  type SigningKey,
} from '../support/tenancy-issuer.js';
import { type Certificate, selfSigned, startTlsFront, type TlsFront, trust } from '../support/tls-front.js';

const URL_OF_KEYS = 'https://issuer.example.com/jwks.json';
const AUTHORIZATION = `Basic ${Buffer.from('gateway:canary').toString('base64')}`;

let certificate: Certificate;
let distrust: () => void;
let key: SigningKey;
let issuer: IssuerServer;
let front: TlsFront;
let proxy: HttpProxy;
let proxyUrl: string;
let fixture: TenancyFixture;
const logged: unknown[] = [];

beforeAll(async () => {
  certificate = selfSigned('issuer.example.com', '127.0.0.1');
  distrust = trust(certificate);
  key = await makeKey('ES256', 'one');
});
afterAll(() => distrust());
beforeEach(async () => {
  logged.length = 0;
  issuer = new IssuerServer();
  front = await startTlsFront(certificate, Number(new URL(await issuer.listen()).port));
  issuer.publish(key);
  proxy = new HttpProxy();
  proxy.ports.set('issuer.example.com:443', front.port);
  proxyUrl = await proxy.listen('gateway:canary');
  fixture = new TenancyFixture();
  fixture.write('tenants.yaml', acmeFile());
  const log = (...line: unknown[]): number => logged.push(line);
  Logger.overrideLogger({ log, warn: log, error: log, debug: log, verbose: log, fatal: log });
});
afterEach(async () => {
  fixture.close();
  await proxy.close();
  await issuer.close();
  await front.close();
});

/** Presents a token; returns who it is, or the error. */
async function present(settings: Record<string, string>): Promise<string> {
  const jwt = { JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE, JWT_JWKS_URL: URL_OF_KEYS };
  const authenticator = fixture.authenticator(fixture.config({ ...jwt, ...settings }));
  const token = await sign(key, claims());
  const result = await outcome(authenticator.authenticate({ authorization: `Bearer ${token}`, address: '' }));
  return result.replace(/:.*/, '');
}

describe('keys from a URL, with a proxy', () => {
  it('are fetched through it, with credentials for the proxy only', async () => {
    let headers: unknown;
    const { answer } = issuer;
    issuer.answer = (response) => {
      ({ headers } = response.req);
      answer(response);
    };
    expect(await present({ HTTPS_PROXY: proxyUrl })).toBe('sub');
    expect(proxy.requests).toMatchObject([
      {
        method: 'CONNECT',
        target: 'issuer.example.com:443',
        headers: { 'proxy-authorization': AUTHORIZATION },
      },
    ]);
    expect(JSON.stringify(headers)).not.toMatch(/proxy/i);
  });

  it('are fetched through one that speaks TLS', async () => {
    const secure = new HttpProxy(certificate);
    try {
      secure.ports.set('issuer.example.com:443', front.port);
      expect(await present({ HTTPS_PROXY: await secure.listen() })).toBe('sub');
      expect(secure.requests).toHaveLength(1);
    } finally {
      await secure.close();
    }
  });

  it('are fetched directly from the hosts of NO_PROXY', async () => {
    expect(await present({ HTTPS_PROXY: proxyUrl, NO_PROXY: 'issuer.example.com' })).not.toBe('sub');
    expect(proxy.requests.map(({ target }) => target)).toEqual([]);
  });

  it('are not fetched from an issuer with another certificate', async () => {
    proxy.ports.set('other.example.com:443', front.port);
    const url = 'https://other.example.com/jwks.json';
    expect(await present({ HTTPS_PROXY: proxyUrl, JWT_JWKS_URL: url })).not.toBe('sub');
    expect(issuer.requests).toBe(0);
  });

  it('are not fetched if it refuses, and its credentials are never logged', async () => {
    proxy.instead = (client) => client.end('HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n');
    expect(await present({ HTTPS_PROXY: proxyUrl })).toBe('OVERLOADED');
    const shown = JSON.stringify(logged);
    expect(shown).toMatch(
      /could not fetch the keys of the token issuer from issuer\.example\.com: .*\(.+\)\. .*no token can be verified until then/,
    );
    expect(shown).toContain(`through the proxy ${new URL(proxyUrl).host}`);
    for (const canary of ['canary', AUTHORIZATION]) expect(shown).not.toContain(canary);
  });

  it('leave no connection open', async () => {
    await present({ HTTPS_PROXY: proxyUrl });
    while (proxy.open > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(issuer.requests).toBe(1);
  });
});
