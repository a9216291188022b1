import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { SANDBOX_CREDENTIALS, SANDBOX_PEPPER } from '../../src/config/config.js';
import { eventually } from '../support/eventually.js';
import { ACME, ACME_KEY } from '../support/gateway.js';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway-process.js';
import { RedisServer } from '../support/redis-server.js';
import { startTestSandbox } from '../support/sandbox-rpc.js';

const GROUPS = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;
const WRONG = 'canary-of-a-wrong-secret';

let folder: string;
let closers: (() => unknown)[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gateway-reload-'));
  closers = [() => rmSync(folder, { recursive: true })];
});
afterEach(async () => {
  for (const close of closers.toReversed()) await close();
});

function write(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, `${content}\n`);
  return path;
}

/** Starts a gateway whose upstream is a sandbox in this process. */
async function startGateway(settings: Record<string, string>): Promise<GatewayProcess> {
  const sandbox = await startTestSandbox();
  closers.push(() => sandbox.close());
  const gateway = await startGatewayProcess(
    {
      CAMS_ENDPOINT: sandbox.url,
      CAMS_ACCESS_KEY_ID: SANDBOX_CREDENTIALS.accessKeyId,
      TENANTS_FILE: 'config/tenants.sandbox.yaml',
      API_KEY_PEPPER_FILE: write('pepper', SANDBOX_PEPPER),
      ...settings,
    },
    ACME_KEY,
  );
  closers.push(() => gateway.close());
  return gateway;
}

/** Resolves when the output has the text. */
const said = (gateway: GatewayProcess, text: string): Promise<boolean> =>
  eventually(async () => gateway.output().includes(text) || undefined);

describe('SIGHUP', () => {
  it('applies a secret of CAMS that has changed', async () => {
    const file = write('secret', WRONG);
    const gateway = await startGateway({ CAMS_ACCESS_KEY_SECRET_FILE: file });
    expect((await gateway.rest(GROUPS)).status).toBe(502);
    write('secret', SANDBOX_CREDENTIALS.accessKeySecret);
    gateway.signal('SIGHUP');
    await said(gateway, '"applied":["credentials of CAMS"]');
    expect((await gateway.rest(`${GROUPS}?size=7`)).status).toBe(200);
    expect(gateway.output()).not.toContain(WRONG);
  });

  it('that makes CAMS refuse the account says which setting to check', async () => {
    const file = write('secret', SANDBOX_CREDENTIALS.accessKeySecret);
    const gateway = await startGateway({ CAMS_ACCESS_KEY_SECRET_FILE: file });
    await said(gateway, 'CAMS accepts calls for account default');
    write('secret', WRONG);
    gateway.signal('SIGHUP');
    await said(gateway, 'Check CAMS_ACCESS_KEY_SECRET_FILE of account default.');
    expect(gateway.output()).not.toContain(WRONG);
  });

  it('does not call a secret of CAMS applied while the tenants file is faulty', async () => {
    const valid = readFileSync('config/tenants.sandbox.yaml', 'utf8');
    const tenants = write('tenants.yaml', valid);
    const file = write('secret', WRONG);
    const gateway = await startGateway({ CAMS_ACCESS_KEY_SECRET_FILE: file, TENANTS_FILE: tenants });
    write('tenants.yaml', 'tenants: no');
    write('secret', SANDBOX_CREDENTIALS.accessKeySecret);
    gateway.signal('SIGHUP');
    await said(gateway, 'rejected the tenants file');
    write('tenants.yaml', valid);
    await said(gateway, 'applied the tenants file');
    expect((await gateway.rest(`${GROUPS}?size=7`)).status).toBe(200);
    expect(gateway.output()).not.toContain('"applied":["credentials of CAMS"]');
  });

  it('applies a password of Redis that has changed, to new connections', async () => {
    const server = await RedisServer.start({ password: 'first' });
    closers.push(() => server.stop());
    const place = new URL(server.url).host;
    const file = write('redis', server.url);
    const gateway = await startGateway({
      REDIS_URL_FILE: file,
      // Pages are stored soon after Redis has started.
      CAMS_TIMEOUT_MS: '1000',
      CAMS_LATE_APPLY_MS: '0',
      CACHE_SETTLE_MS: '100',
      CAMS_ACCESS_KEY_SECRET: SANDBOX_CREDENTIALS.accessKeySecret,
    });
    const operator = new Redis(server.url, { maxRetriesPerRequest: 0 });
    closers.push(() => operator.disconnect());
    await operator.config('SET', 'requirepass', 'second');
    write('redis', `redis://:second@${place}`);
    gateway.signal('SIGHUP');
    await said(gateway, '"applied":["REDIS_URL"]');
    await operator.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await eventually(async () =>
      (await gateway.rest(GROUPS)).headers.get('cache-status')?.includes('hit') ? true : undefined,
    );
    expect(gateway.output()).not.toMatch(/WRONGPASS|NOAUTH|second/);
  });

  it('says which changes require a restart', async () => {
    const redis = await RedisServer.start();
    closers.push(() => redis.stop());
    const gateway = await startGateway({
      REDIS_URL_FILE: write('redis', redis.url),
      CAMS_ACCESS_KEY_SECRET: SANDBOX_CREDENTIALS.accessKeySecret,
    });
    write('redis', 'redis://127.0.0.1:1');
    write('pepper', 'another pepper of some length');
    gateway.signal('SIGHUP');
    await said(gateway, '"restartRequired":["REDIS_URL","API_KEY_PEPPER"]');
    expect((await gateway.rest(GROUPS)).status).toBe(200);
  });

  it('keeps everything if a file is faulty, and names it', async () => {
    const file = write('secret', SANDBOX_CREDENTIALS.accessKeySecret);
    const gateway = await startGateway({ CAMS_ACCESS_KEY_SECRET_FILE: file });
    rmSync(file);
    gateway.signal('SIGHUP');
    await said(gateway, 'CAMS_ACCESS_KEY_SECRET_FILE cannot be read (ENOENT)');
    await said(gateway, 'rejected the settings, keeping the current ones');
    expect((await gateway.rest(GROUPS)).status).toBe(200);
  });
});
