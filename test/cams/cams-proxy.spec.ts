import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { ProxyRoute } from '../../src/cams/proxy-route.js';
import { RequestMonitor } from '../../src/cams/request-monitor.js';
import { OutboundProxy } from '../../src/config/proxy.js';
import { EMPTY_LIST, errorOf, until } from '../support/cams-fixture.js';
import { hang, json, reset } from '../support/cams-wire-double.js';
import { HttpProxy } from '../support/http-proxy.js';
import { AUTHORIZATION, CREDENTIALS, ProxiedCams, SECURE, TUNNEL } from '../support/proxied-cams.js';
import { unusedPort } from '../support/unused-port.js';

const behind = new ProxiedCams();
const { cams } = behind;

const success = json({ Code: 'OK', Result: 1, Data: { Total: 0, List: [] } });

/** Connects to an endpoint of each kind through the proxy. */
const ENDPOINTS: [string, (env?: Record<string, string>, url?: string) => void][] = [
  ['https', (env = {}, url = behind.proxyUrl) => cams.connect({ HTTPS_PROXY: url, ...env }, SECURE)],
  ['http', (env = {}, url = behind.proxyUrl) => cams.connect({ CAMS_PROXY: url, ...env })],
];

describe('an endpoint with https:', () => {
  it('is reached through a tunnel, with credentials for the proxy only', async () => {
    cams.connect({ HTTPS_PROXY: behind.proxyUrl }, SECURE);
    await expect(cams.read()).resolves.toMatchObject({ result: { total: 0 } });
    expect(behind.seen).toEqual([`CONNECT ${TUNNEL}`]);
    expect(behind.proxy.requests[0]?.headers).toEqual({
      host: TUNNEL,
      connection: expect.any(String),
      'proxy-authorization': AUTHORIZATION,
    });
    expect(cams.requests[0]).toMatchObject({ path: '/', headers: { host: 'cams.example.com' } });
    expect(JSON.stringify(cams.requests[0]?.headers)).not.toMatch(/proxy/i);
  });

  it('is reached through one tunnel by many calls', async () => {
    cams.answerWith(success);
    cams.connect({ https_proxy: behind.proxyUrl }, SECURE);
    await cams.read();
    await cams.write();
    await cams.read();
    expect(behind.seen).toEqual([`CONNECT ${TUNNEL}`]);
    expect(new Set(cams.requests.map(({ socket }) => socket)).size).toBe(1);
  });

  it('is reached through as many tunnels as there are calls at once', async () => {
    cams.connect({ CAMS_PROXY: behind.proxyUrl }, SECURE);
    await Promise.all(Array.from({ length: 5 }, () => cams.read()));
    expect(behind.seen).toEqual(Array.from({ length: 5 }, () => `CONNECT ${TUNNEL}`));
    expect(cams.requests).toHaveLength(5);
  });

  it('is reached through a proxy that speaks TLS', async () => {
    const secure = new HttpProxy(behind.certificate);
    try {
      secure.ports.set(TUNNEL, behind.front.port);
      cams.connect({ CAMS_PROXY: await secure.listen(CREDENTIALS) }, SECURE);
      await cams.read();
      expect(secure.requests[0]?.headers['proxy-authorization']).toBe(AUTHORIZATION);
      expect(cams.requests).toHaveLength(1);
    } finally {
      await secure.close();
    }
  });

  it('must have a valid certificate', async () => {
    cams.connect({ CAMS_PROXY: behind.proxyUrl }, 'https://other.example.com');
    behind.proxy.ports.set('other.example.com:443', behind.front.port);
    expect((await errorOf(cams.read())).code).toBe('UPSTREAM_UNAVAILABLE');
    expect((await errorOf(cams.write())).code).toBe('UPSTREAM_UNAVAILABLE');
    expect(JSON.stringify(cams.logged)).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(cams.requests).toHaveLength(0);
  });
});

describe('an endpoint with http:', () => {
  it('is reached with an absolute URL, with credentials for the proxy only', async () => {
    cams.connect({ CAMS_PROXY: behind.proxyUrl });
    await expect(cams.read()).resolves.toMatchObject({ result: { total: 0 } });
    const [seen] = behind.proxy.requests;
    expect(seen?.target).toMatch(`http://${cams.double.host}/?`);
    expect(seen?.headers).toMatchObject({ host: cams.double.host, 'proxy-authorization': AUTHORIZATION });
    expect(cams.requests[0]).toMatchObject({ path: '/', headers: { host: cams.double.host } });
    expect(JSON.stringify(cams.requests[0]?.headers)).not.toMatch(/proxy/i);
  });

  it('is reached over one connection to the proxy by many calls', async () => {
    cams.connect({ CAMS_PROXY: behind.proxyUrl });
    await cams.read();
    await cams.read();
    expect(behind.proxy.requests[1]?.socket).toBe(behind.proxy.requests[0]?.socket);
  });

  it.each([407, 403, 502])(
    'leaves the outcome of a write unknown if the response, perhaps of the proxy, is %i',
    async (status) => {
      behind.proxy.instead = (client) =>
        client.end(`HTTP/1.1 ${status} No\r\nconnection: close\r\n\r\n<html>`);
      cams.connect({ CAMS_PROXY: behind.proxyUrl });
      expect((await errorOf(cams.read())).code).toBe('UPSTREAM_UNAVAILABLE');
      expect((await errorOf(cams.write())).code).toBe('OUTCOME_UNKNOWN');
      // The read is repeated after a status of 5xx.
      expect(behind.seen).toHaveLength(status === 502 ? 3 : 2);
    },
  );
});

describe.each(ENDPOINTS)('an endpoint with %s: behind a proxy', (_title, connect) => {
  it('keeps connections to other endpoints direct', async () => {
    connect();
    await cams.read();
    cams.connect();
    await cams.read();
    expect(behind.seen).toHaveLength(1);
    expect(cams.requests).toHaveLength(2);
  });

  it('fails if the proxy is unreachable, and nothing was sent', async () => {
    connect({}, `http://${CREDENTIALS}@127.0.0.1:${await unusedPort()}`);
    expect((await errorOf(cams.read())).code).toBe('UPSTREAM_UNAVAILABLE');
    expect((await errorOf(cams.write())).code).toBe('UPSTREAM_UNAVAILABLE');
    expect(JSON.stringify(cams.logged)).toContain('ECONNREFUSED');
    expect(cams.requests).toHaveLength(0);
  });

  it('fails if the proxy does not resolve, and nothing was sent', async () => {
    connect({}, `http://${CREDENTIALS}@proxy.invalid:3128`);
    expect((await errorOf(cams.write())).code).toBe('UPSTREAM_UNAVAILABLE');
  });

  it('times out if the proxy hangs, and closes the connection', async () => {
    behind.proxy.instead = () => undefined;
    connect({ CAMS_TIMEOUT_MS: '600' });
    expect((await errorOf(cams.read())).code).toBe('UPSTREAM_TIMEOUT');
    await until(() => behind.proxy.open === 0);
    expect(cams.requests).toHaveLength(0);
  });

  it('reports an unknown outcome if the connection is lost after a write was sent', async () => {
    connect();
    cams.answerWith(reset);
    expect((await errorOf(cams.write())).code).toBe('OUTCOME_UNKNOWN');
    cams.answerWith(() => behind.proxy.dropAll());
    expect((await errorOf(cams.write())).code).toBe('OUTCOME_UNKNOWN');
    expect(cams.requests).toHaveLength(2);
  });

  it('reports an unknown outcome if CAMS does not respond to a write, and closes the connection', async () => {
    connect({ CAMS_TIMEOUT_MS: '1000' });
    cams.answerWith(hang);
    expect((await errorOf(cams.write())).code).toBe('OUTCOME_UNKNOWN');
    expect(cams.requests).toHaveLength(1);
    await until(() => behind.proxy.requests[0]?.socket.destroyed === true);
  });

  it('retries a read once if the proxy has closed the idle connection', async () => {
    connect();
    await cams.read();
    const before = behind.proxy.requests.length;
    cams.answerWith((response, call, index) =>
      index === 1 ? behind.proxy.dropAll() : EMPTY_LIST(response, call, index),
    );
    await expect(cams.read()).resolves.toMatchObject({ result: { total: 0 } });
    expect(behind.proxy.requests.length).toBeGreaterThan(before);
  });

  it('never shows the credentials of the proxy', async () => {
    connect({ CAMS_TIMEOUT_MS: '600' });
    const errors: unknown[] = [];
    const fails = [
      (client: Duplex) =>
        client.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n'),
      () => undefined,
      (client: Duplex) => client.destroy(),
    ];
    for (const fail of fails) {
      behind.proxy.instead = fail;
      for (const error of [await errorOf(cams.read()), await errorOf(cams.write())])
        errors.push(error, error.message, error.detail, error.stack, error.cause);
    }
    const shown = JSON.stringify([errors, cams.logged, cams.client]);
    const [, base64 = ''] = AUTHORIZATION.split(' ');
    for (const canary of ['canary', base64]) expect(shown).not.toContain(canary);
    expect(shown).toContain(`calls to CAMS go through the proxy ${new URL(behind.proxyUrl).host}`);
  });
});

describe('NO_PROXY', () => {
  it('keeps connections to its hosts direct', async () => {
    cams.connect({ CAMS_PROXY: behind.proxyUrl, NO_PROXY: 'localhost, 127.0.0.1' });
    await cams.read();
    expect(behind.seen).toHaveLength(0);
    expect(cams.requests).toHaveLength(1);
  });
});

describe('a request that does not take its route', () => {
  it.each(['HTTP', 'HTTPS'] as const)('is not sent: %s', async (protocol) => {
    const route = new ProxyRoute(new OutboundProxy('http:', '127.0.0.1', 9), protocol);
    const monitor = new RequestMonitor(1_000, performance.now() + 10_000, async () => {}, route);
    const failed = monitor.run(
      () =>
        new Promise<Error>((resolve) => {
          request(`http://${cams.double.host}/`).on('error', resolve).end();
        }),
    );
    expect(await failed).toMatchObject({ code: 'ECONNRESET' });
    expect(monitor.mayHaveBeenSent).toBe(false);
    expect(cams.requests).toHaveLength(0);
  });
});
