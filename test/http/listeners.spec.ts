import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ACME_KEY, type TestGateway, startTestGateway } from '../support/gateway.js';
import { eventually } from '../support/eventually.js';
import { sendRaw } from '../support/raw-http.js';

let gateway: TestGateway;
afterEach(() => gateway.close());

const GROUPS = '/v1/spaces/cams-acme/numbers/8613800000001/groups';
const ORIGIN = 'https://app.example.com';

async function text(url: string): Promise<readonly [number, string]> {
  const answer = await fetch(url);
  return [answer.status, await answer.text()];
}

/** Nothing is checked: only the program starts the checks. */
const CHECKS =
  '"checks":{"cacheRedis":"not configured","stateRedis":"not configured","cams":{"default":"Not checked yet."}}';

describe('the management listener', () => {
  it('serves only health and metrics', async () => {
    gateway = await startTestGateway({ MANAGEMENT_PORT: String(await freePort()) });
    const management = gateway.managementUrl ?? '';
    await gateway.rest(GROUPS);
    expect(await text(`${management}/health/live`)).toEqual([200, '{"status":"live"}']);
    expect(await text(`${management}/health/ready`)).toEqual([200, `{"status":"ready",${CHECKS}}`]);
    const [status, metrics] = await text(`${management}/metrics`);
    expect(status).toBe(200);
    expect(metrics).toContain('gateway_cams_call_duration_seconds');
    expect(metrics).toContain('route="/v1/spaces/:custSpaceId/numbers/:businessNumber/groups"');
    expect(metrics).not.toMatch(/8613800000001|cams-acme/);
    for (const path of ['/', '/v1/viewer', '/graphql', '/openapi.json', '/docs'])
      expect((await text(management + path))[0]).toBe(404);
  });

  it('does not expose its paths on the public listener', async () => {
    gateway = await startTestGateway();
    expect(gateway.managementUrl).toBeUndefined();
    for (const path of ['/health/live', '/health/ready', '/metrics'])
      expect((await gateway.rest(path)).body.code).toBe('NOT_FOUND');
  });
});

describe('shutdown', () => {
  it('lets requests in flight finish, then closes both ports', async () => {
    gateway = await startTestGateway({ MANAGEMENT_PORT: String(await freePort()) });
    const { url, managementUrl = '' } = gateway;
    await gateway.sandbox.fault({ kind: 'latency', action: 'ListChatGroup', ms: 500 });
    // Different listings, because concurrent reads of one listing share a call.
    const asked = ['Kyoto', 'Bali', 'Lima'].map((subject) => gateway.rest(`${GROUPS}?subject=${subject}`));
    await upstreamCalls(3);
    const closed = gateway.close();
    expect(await text(`${managementUrl}/health/ready`)).toEqual([503, `{"status":"stopping",${CHECKS}}`]);
    const answers = await Promise.all(asked);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    await closed;
    await expect(fetch(url)).rejects.toThrow('fetch failed');
    await expect(fetch(managementUrl)).rejects.toThrow('fetch failed');
  });

  it('responds to a request on a connection in use, then closes the connection', async () => {
    gateway = await startTestGateway();
    await gateway.sandbox.fault({ kind: 'latency', action: 'ListChatGroup', ms: 1_000 });
    const request = (path: string): string =>
      `GET ${path} HTTP/1.1\r\nHost: gateway\r\nX-Api-Key: ${ACME_KEY}\r\n\r\n`;
    let closed: Promise<void> | undefined;
    const ending = async (): Promise<void> => {
      await upstreamCalls(1);
      closed = gateway.close();
      await eventually(() => fetch(gateway.url).then(stillOpen, () => true));
    };
    const { text } = await sendRaw(gateway.url, [
      { text: request(GROUPS) },
      { text: request('/v1/viewer'), after: ending },
    ]);
    await closed;
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200']);
    expect(text.match(/connection: close/gi)).toHaveLength(1);
  });
});

describe('behind a load balancer', () => {
  const fail = (address: string): Promise<number> =>
    gateway
      .rest('/v1/viewer', { key: `cgk_acme.${'x'.repeat(43)}`, headers: { 'x-forwarded-for': address } })
      .then(({ status }) => status);
  const failTooOften = async (address: string): Promise<void> => {
    for (let i = 0; i < 10; i += 1) expect(await fail(address)).toBe(401);
    expect(await fail(address)).toBe(429);
  };

  it('counts failures by the address that a trusted load balancer reports', async () => {
    gateway = await startTestGateway({ TRUST_PROXY: '127.0.0.1' });
    await failTooOften('203.0.113.1');
    expect(await fail('203.0.113.2')).toBe(401);
    // The address that the client claims precedes the one that the load balancer saw.
    expect(await fail('203.0.113.77, 203.0.113.1')).toBe(429);
  });

  it('ignores the address that any other peer reports', async () => {
    gateway = await startTestGateway({ TRUST_PROXY: '10.0.0.0/8' });
    await failTooOften('203.0.113.1');
    expect(await fail('203.0.113.2')).toBe(429);
    expect((await gateway.rest('/v1/viewer')).status).toBe(200);
  });
});

describe('CORS', () => {
  const ask = (
    method: string,
    origin: string,
    more: Record<string, string> = {},
  ): ReturnType<TestGateway['rest']> => gateway.rest('/v1/viewer', { method, headers: { origin, ...more } });

  it('allows exactly the configured origins and exposes the headers of the contract', async () => {
    gateway = await startTestGateway({ CORS_ORIGINS: `${ORIGIN},https://other.example.com` });
    const { status, headers } = await ask('GET', ORIGIN);
    expect([status, headers.get('access-control-allow-origin')]).toEqual([200, ORIGIN]);
    expect(headers.get('access-control-allow-credentials')).toBeNull();
    expect((headers.get('access-control-expose-headers') ?? '').split(', ').toSorted()).toEqual(
      [
        'Age, Allow, Cache-Status, Coherence, Deprecation, ETag, Idempotency-Replayed, Link, Location',
        'Preference-Applied, RateLimit, RateLimit-Policy, Retry-After, Sunset, WWW-Authenticate',
        'X-Caller-Request-Id, X-Request-Id, X-Upstream-Request-Id',
      ]
        .join(', ')
        .split(', '),
    );
    const refused = await gateway.rest('/v1/unknown', { headers: { origin: ORIGIN } });
    expect(refused.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    for (const other of ['https://evil.example.com', `${ORIGIN}.evil.com`, 'http://app.example.com', 'null'])
      expect((await ask('GET', other)).headers.get('access-control-allow-origin')).toBeNull();
  });

  it('responds to preflight requests without credentials', async () => {
    gateway = await startTestGateway({ CORS_ORIGINS: ORIGIN });
    const preflight = {
      'access-control-request-method': 'PATCH',
      'access-control-request-headers': 'authorization,content-type,if-match',
    };
    for (const path of ['/v1/viewer', GROUPS, '/graphql']) {
      const { status, headers, text } = await gateway.rest(path, {
        method: 'OPTIONS',
        key: null,
        headers: { origin: ORIGIN, ...preflight },
      });
      expect([status, text]).toEqual([204, '']);
      expect(headers.get('access-control-allow-origin')).toBe(ORIGIN);
      expect(headers.get('access-control-allow-methods')).toBe('GET, HEAD, POST, PATCH, DELETE');
      expect(headers.get('access-control-allow-headers')).toBe('authorization,content-type,if-match');
    }
    const other = await ask('OPTIONS', 'https://evil.example.com', preflight);
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
    const bare = await gateway.rest('/v1/viewer', { method: 'OPTIONS', key: null });
    expect([bare.status, bare.body.code]).toEqual([405, 'METHOD_NOT_ALLOWED']);
    const unknown = await gateway.rest('/v1/unknown', { method: 'OPTIONS', key: null });
    expect([unknown.status, unknown.body.code]).toEqual([404, 'NOT_FOUND']);
  });

  it('allows any loopback origin, and no other, if none is configured with the sandbox', async () => {
    gateway = await startTestGateway();
    const allowed = async (origin: string): Promise<string | null> =>
      (await ask('GET', origin)).headers.get('access-control-allow-origin');
    for (const origin of [
      'http://localhost:5173',
      'http://localhost',
      'https://app.localhost:8443',
      'http://127.0.0.1:3000',
      'http://127.9.8.7:1',
      'http://[::1]:5173',
    ])
      expect(await allowed(origin)).toBe(origin);
    for (const origin of [
      ORIGIN,
      'http://localhost.evil.com',
      'http://evil-localhost',
      'http://127.0.0.1.evil.com',
      'http://1.127.0.0.1:80',
      'http://localhost:80@evil.com',
      'file://',
      'null',
    ])
      expect(await allowed(origin)).toBeNull();
  });

  it('allows only the configured origins with the sandbox', async () => {
    gateway = await startTestGateway({ CORS_ORIGINS: ORIGIN });
    const { headers } = await ask('GET', 'http://localhost:5173');
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});

const upstreamCalls = (count: number): Promise<true> =>
  eventually(async () => ((await gateway.sandbox.calls('ListChatGroup')).length >= count ? true : undefined));

const stillOpen = (): undefined => undefined;

/** Finds a free port, because `MANAGEMENT_PORT=0` turns the listener off. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
