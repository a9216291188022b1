import type { Duplex } from 'node:stream';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { scopeWithin } from '../support/cams-callers.js';
import { errorOf, until } from '../support/cams-fixture.js';
import { ProxiedCams, SECURE } from '../support/proxied-cams.js';

const behind = new ProxiedCams();
const { cams } = behind;

const LIKE_CAMS = '{"Code":"OK","Result":1,"Data":{"Total":0,"List":[]}}';

describe('a tunnel', () => {
  beforeEach(() => cams.connect({ HTTPS_PROXY: behind.proxyUrl, CAMS_TIMEOUT_MS: '1000' }, SECURE));

  it.each([
    [407, ''],
    [403, ''],
    [502, ''],
    [502, '<html>'],
    [301, LIKE_CAMS],
  ])('that is refused with %i fails: nothing was sent (%j)', async (status, body) => {
    behind.proxy.instead = (client) =>
      client.end(`HTTP/1.1 ${status} No\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    expect((await errorOf(cams.read())).code).toBe('UPSTREAM_UNAVAILABLE');
    expect((await errorOf(cams.write())).code).toBe('UPSTREAM_UNAVAILABLE');
    expect(JSON.stringify(cams.logged)).toContain(`PROXY_STATUS_${status}`);
    // A read is repeated if the proxy has failed, but not if it has refused.
    expect(behind.seen).toHaveLength(status === 502 ? 3 : 2);
    await until(() => behind.proxy.open === 0);
  });

  it.each<[string, (client: Duplex) => void]>([
    ['is closed', (client) => client.destroy()],
    ['is answered with garbage', (client) => client.end('SSH-2.0-OpenSSH\r\n')],
    [
      'is followed by bytes before TLS',
      (client) => client.write('HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'),
    ],
    [
      'does not speak TLS',
      (client) => client.write('HTTP/1.1 200 OK\r\n\r\n', () => setImmediate(() => client.write('hello'))),
    ],
    ['ends before the handshake', (client) => client.end('HTTP/1.1 200 OK\r\n\r\n')],
  ])('that %s fails: nothing was sent', async (_title, instead) => {
    behind.proxy.instead = instead;
    expect((await errorOf(cams.read())).code).toBe('UPSTREAM_UNAVAILABLE');
    expect((await errorOf(cams.write())).code).toBe('UPSTREAM_UNAVAILABLE');
    await until(() => behind.proxy.open === 0);
  });

  it.each<[string, (client: Duplex) => void]>([
    ['the proxy', () => undefined],
    ['the TLS handshake', (client) => void client.write('HTTP/1.1 200 OK\r\n\r\n')],
  ])('that waits for %s times out: nothing was sent', async (_title, instead) => {
    behind.proxy.instead = instead;
    expect((await errorOf(cams.read())).code).toBe('UPSTREAM_TIMEOUT');
    expect((await errorOf(cams.write())).code).toBe('UPSTREAM_TIMEOUT');
    await until(() => behind.proxy.open === 0);
    expect(cams.requests).toHaveLength(0);
  });

  it.each<[string, (client: Duplex) => void]>([
    ['the proxy', () => undefined],
    ['the TLS handshake', (client) => void client.write('HTTP/1.1 200 OK\r\n\r\n')],
  ])('that waits for %s releases its permit at the deadline', async (_title, instead) => {
    cams.connect(
      { HTTPS_PROXY: behind.proxyUrl, CAMS_TIMEOUT_MS: '1000', CAMS_MAX_CONCURRENCY: '1' },
      SECURE,
    );
    behind.proxy.instead = instead;
    const errors = await Promise.all(
      [1_500, 1_500].map((budgetMs) => errorOf(cams.read(scopeWithin(budgetMs)))),
    );
    expect(errors.map(({ code }) => code)).toEqual(['UPSTREAM_TIMEOUT', 'UPSTREAM_TIMEOUT']);
  });

  it('that is ready only after the deadline, before its timer fires, carries no write', async () => {
    const now = performance.now.bind(performance);
    const clock = jest.spyOn(performance, 'now');
    try {
      behind.front.onHandshake = () => clock.mockImplementation(() => now() + 60_000);
      expect((await errorOf(cams.write())).code).toMatch(/^(UPSTREAM_UNAVAILABLE|OUTCOME_UNKNOWN)$/);
    } finally {
      clock.mockRestore();
    }
    await until(() => behind.proxy.open === 0);
    expect(cams.requests).toHaveLength(0);
  });
});
