import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig, SANDBOX_CREDENTIALS } from '../../src/config/config.js';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.js';
import { eventually } from '../support/eventually.js';
import { ACME, startTestGateway, TEST_SETTINGS, type TestGateway } from '../support/gateway.js';
import { startGatewayBehind } from '../support/gateway-behind.js';
import { startGatewayProcess } from '../support/gateway-process.js';
import { HttpProxy } from '../support/http-proxy.js';
import { Program } from '../support/program.js';
import { apiKeyOf, soleTenantFile } from '../support/sole-tenant.js';
import { selfSigned, startTlsFront } from '../support/tls-front.js';

const GROUPS = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;

let proxy: HttpProxy;
let proxyUrl: string;
const running: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  proxy = new HttpProxy();
  proxyUrl = await proxy.listen('gateway:secret');
});
afterEach(async () => {
  for (const part of running.splice(0).toReversed()) await part.close();
  await proxy.close();
});

async function sandboxOfTest(): Promise<Sandbox> {
  const { sandbox: config } = loadConfig(TEST_SETTINGS);
  if (config === null) throw new Error('The settings have no sandbox.');
  const sandbox = await startSandbox(config);
  running.push(sandbox);
  return sandbox;
}

/** Starts a gateway that reaches a sandbox of its own with these settings. */
async function gatewayWith(settings: Record<string, string>): Promise<TestGateway> {
  const sandbox = await sandboxOfTest();
  const settingsOfGateway = { TENANTS_FILE: 'config/tenants.sandbox.yaml', ...settings };
  const gateway = await startGatewayBehind(Number(new URL(sandbox.url).port), sandbox.url, settingsOfGateway);
  running.push(gateway);
  return gateway;
}

describe('a gateway', () => {
  it('calls CAMS through CAMS_PROXY', async () => {
    const gateway = await gatewayWith({ CAMS_PROXY: proxyUrl });
    const { status, body } = await gateway.rest(GROUPS);
    expect(status).toBe(200);
    expect(body.data.length).toBeGreaterThan(0);
    expect(proxy.requests.map(({ headers }) => headers['x-acs-action'])).toContain('ListChatGroup');
  });

  it.each<[string, Record<string, string>]>([
    ['HTTPS_PROXY only', { CAMS_PROXY: '' }],
    ['NO_PROXY', { NO_PROXY: '127.0.0.1' }],
  ])('calls a sandbox on this machine directly with %s', async (_title, settings) => {
    const gateway = await gatewayWith({ CAMS_PROXY: proxyUrl, HTTPS_PROXY: proxyUrl, ...settings });
    expect((await gateway.rest(GROUPS)).status).toBe(200);
    expect(proxy.requests.map(({ target }) => target)).toEqual([]);
  });

  it('calls the built-in sandbox directly, whatever the settings', async () => {
    const gateway = await startTestGateway({ CAMS_PROXY: proxyUrl, HTTPS_PROXY: proxyUrl });
    running.push(gateway);
    expect((await gateway.rest(GROUPS)).status).toBe(200);
    expect(proxy.requests.map(({ target }) => target)).toEqual([]);
  });
});

const TENANT = {
  id: 'acme',
  custSpaceId: ACME.custSpaceId,
  secret: 'K'.repeat(43),
  pepper: 'a pepper for this test, long enough',
  permissions: ['groups:read'],
};

describe('the program', () => {
  const settings = {
    CAMS_ENDPOINT: 'https://cams.example.com',
    SINGLE_INSTANCE: 'true',
    CAMS_ACCESS_KEY_ID: SANDBOX_CREDENTIALS.accessKeyId,
    CAMS_ACCESS_KEY_SECRET: SANDBOX_CREDENTIALS.accessKeySecret,
    TENANTS_FILE: 'config/tenants.sandbox.yaml',
    API_KEY_PEPPER: TENANT.pepper,
  };

  it('calls CAMS over TLS through HTTPS_PROXY, and logs the proxy without its credentials', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gateway-proxy-'));
    running.push({ close: async () => rmSync(folder, { recursive: true }) });
    const certificate = selfSigned('cams.example.com');
    writeFileSync(join(folder, 'ca.pem'), certificate.cert);
    writeFileSync(join(folder, 'tenants.yaml'), soleTenantFile(TENANT));
    const front = await startTlsFront(certificate, Number(new URL((await sandboxOfTest()).url).port));
    running.push(front);
    proxy.ports.set('cams.example.com:443', front.port);
    const files = {
      TENANTS_FILE: join(folder, 'tenants.yaml'),
      NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
    };
    const env = { ...settings, ...files, HTTPS_PROXY: proxyUrl };
    const gateway = await startGatewayProcess(env, apiKeyOf(TENANT));
    running.push(gateway);
    expect((await gateway.rest(GROUPS)).status).toBe(200);
    expect(proxy.requests.map(({ target }) => target)).toContain('cams.example.com:443');
    const logged = await eventually(async () => /^.*through the proxy.*$/m.exec(gateway.output())?.[0]);
    expect(logged).toContain(`"calls to CAMS go through the proxy ${new URL(proxyUrl).host}"`);
    expect(gateway.output()).not.toMatch(/gateway:secret|Proxy-Authorization|Z2F0ZXdheTpzZWNyZXQ/i);
  });

  it.each(['CAMS_PROXY', 'HTTPS_PROXY'])('does not start with an invalid %s: exit code 78', async (name) => {
    const program = new Program('dist/main.js', { ...settings, [name]: 'socks5://user:canary@proxy:1080' });
    const ended = await eventually(async () => program.ended);
    expect(ended).toContain(`ended with 78: ${name} must be`);
    expect(ended).not.toContain('canary');
  });
});
