import { Agent, get } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { GLOBEX, GLOBEX_KEY } from '../support/gateway.js';
import { eventually } from '../support/eventually.js';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway-process.js';
import { Program, SANDBOX_LINE } from '../support/program.js';
import { RedisServer } from '../support/redis-server.js';
import { SANDBOX_CREDENTIALS, SANDBOX_PEPPER } from '../../src/config/config.js';
import { unusedPort } from '../support/unused-port.js';

const GROUPS = `/v1/spaces/${GLOBEX.custSpaceId}/numbers/${GLOBEX.businessNumber}/groups`;
const UNCACHED = {
  CACHE_FRESH_MS: '0',
  CACHE_STALE_WHILE_REVALIDATE_MS: '0',
  CACHE_STALE_IF_ERROR_MS: '0',
};
/** Apollo would cut what is longer in flight than this after SIGTERM. */
const APOLLO_CUTS_MS = 10_000;

const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

async function start(settings: Readonly<Record<string, string>>): Promise<GatewayProcess> {
  const gateway = await startGatewayProcess(settings, GLOBEX_KEY);
  opened.push(() => gateway.kill());
  return gateway;
}

/** Resolves when CAMS has received a call of the caller. */
const called = ({ sandbox }: GatewayProcess, action: string): Promise<true> =>
  eventually(async () => ((await sandbox.callsOf(GLOBEX.custSpaceId, action)).length > 0 ? true : undefined));

/** Sends one request and returns its status and whether its connection stays open. */
function ask(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent, headers: { 'x-api-key': GLOBEX_KEY } }, (response) => {
      response.resume();
      response.on('end', () => resolve(`${response.statusCode} ${response.headers.connection}`));
    }).on('error', reject);
  });
}

describe('SIGTERM', () => {
  it('turns readiness off, and requests are still served until SHUTDOWN_DELAY_MS has passed, each on its last connection', async () => {
    const managementPort = await unusedPort();
    const gateway = await start({ SHUTDOWN_DELAY_MS: '1500', MANAGEMENT_PORT: String(managementPort) });
    const ready = async (): Promise<number> =>
      (await fetch(`http://127.0.0.1:${managementPort}/health/ready`)).status;
    const agent = new Agent({ keepAlive: true });
    opened.push(() => agent.destroy());
    const viewer = `${gateway.url}/v1/viewer`;
    expect([await ready(), await ask(viewer, agent)]).toEqual([200, '200 keep-alive']);
    gateway.signal('SIGTERM');
    await eventually(async () => ((await ready()) === 503 ? true : undefined));
    // The first one on the connection from before, the second on a new one.
    expect([await ask(viewer, agent), await ask(viewer, agent)]).toEqual(['200 close', '200 close']);
    await gateway.close();
    expect(gateway.output()).toContain('"msg":"stopped"');
  });

  it('makes a response that is in flight the last one of its connection', async () => {
    const gateway = await start({ ...UNCACHED, SHUTDOWN_DELAY_MS: '1500' });
    await gateway.sandbox.fault({ kind: 'latency', action: 'ListChatGroup', ms: 500 });
    const agent = new Agent({ keepAlive: true });
    opened.push(() => agent.destroy());
    const listed = ask(`${gateway.url}${GROUPS}`, agent);
    await called(gateway, 'ListChatGroup');
    gateway.signal('SIGTERM');
    expect(await listed).toBe('200 close');
    await gateway.close();
  });

  it('waits for a request for as long as its budget, even if that is longer than Apollo would', async () => {
    const gateway = await start({ ...UNCACHED, CAMS_TIMEOUT_MS: '15000' });
    await gateway.sandbox.fault({ kind: 'latency', action: 'ListChatGroup', ms: APOLLO_CUTS_MS + 1_500 });
    const listed = gateway.rest(GROUPS, { key: GLOBEX_KEY });
    await called(gateway, 'ListChatGroup');
    const ended = gateway.close();
    expect((await listed).status).toBe(200);
    await ended;
    expect(gateway.output()).toContain('"msg":"stopped"');
  });

  it('lets a write end whose client has left, so that a retry elsewhere gets its outcome', async () => {
    const redis = await RedisServer.start();
    opened.push(() => redis.stop());
    const sandbox = new Program('dist/cli/sandbox.js', { SANDBOX_PORT: '0' });
    opened.push(() => sandbox.end('SIGKILL'));
    const settings = {
      STATE_REDIS_URL: redis.url,
      CAMS_ENDPOINT: await sandbox.said(SANDBOX_LINE),
      CAMS_ACCESS_KEY_ID: SANDBOX_CREDENTIALS.accessKeyId,
      CAMS_ACCESS_KEY_SECRET: SANDBOX_CREDENTIALS.accessKeySecret,
      API_KEY_PEPPER: SANDBOX_PEPPER,
      TENANTS_FILE: 'config/tenants.sandbox.yaml',
    };
    const gateway = await start(settings);
    const successor = await start(settings);
    await gateway.sandbox.fault({ kind: 'latency', action: 'AddChatGroup', ms: 1_000 });
    const leaving = new AbortController();
    const left = create(gateway, leaving.signal).catch(() => 'left');
    await called(gateway, 'AddChatGroup');
    leaving.abort();
    expect(await left).toBe('left');
    await gateway.close();
    expect(gateway.output()).toContain('"msg":"stopped"');
    const replayed = await create(successor);
    expect([replayed.status, replayed.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
  });
});

/** Creates a group, always with the same key. */
function create({ url }: GatewayProcess, signal: AbortSignal | null = null): Promise<Response> {
  return fetch(`${url}${GROUPS}`, {
    method: 'POST',
    headers: { 'x-api-key': GLOBEX_KEY, 'content-type': 'application/json', 'idempotency-key': 'left' },
    body: JSON.stringify({ subject: 'Left alone' }),
    signal,
  });
}
