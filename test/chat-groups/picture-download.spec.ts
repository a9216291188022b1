import type { LookupAddress } from 'node:dns';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PictureDownload, type PictureNetwork, publicInternet } from '../../src/pictures/picture-download.js';
import { OutboundProxy } from '../../src/config/proxy.js';
import { eventually } from '../support/eventually.js';
import { HttpProxy } from '../support/http-proxy.js';
import { PictureServer } from '../support/picture-server.js';
import { PROGRESSIVE, SMALL, SQUARE, WIDE, withSegments } from '../support/pictures.js';
import { selfSigned, trust } from '../support/tls-front.js';

const HOST = 'pictures.acme-travel.com';
const LOOPBACK: LookupAddress = { address: '127.0.0.1', family: 4 };
const MEGABYTE = 1024 * 1024;
const LONG = Buffer.concat([SQUARE, Buffer.alloc(5 * MEGABYTE)]);

let distrust: () => void;
let server: PictureServer;
let url: string;
/** The hosts that were resolved. */
let resolved: string[];

beforeAll(async () => {
  const certificate = selfSigned(HOST);
  distrust = trust(certificate);
  server = new PictureServer(certificate);
  url = `https://${HOST}:${await server.listen()}/group.jpg?size=large`;
});
afterAll(async () => {
  distrust();
  await server.close();
});
beforeEach(() => {
  resolved = [];
  server.paths.length = 0;
  server.connections = 0;
});
/** Whatever the outcome, the connection is closed. */
afterEach(() => eventually(async () => (server.open === 0 ? true : undefined)));

function download(network: Partial<PictureNetwork> = {}): PictureDownload {
  return new PictureDownload({
    resolve: async (host) => {
      resolved.push(host);
      return [LOOPBACK];
    },
    isPublic: () => true,
    proxyFor: () => null,
    ...network,
  });
}

const fault = (ms = 10_000, network: Partial<PictureNetwork> = {}): Promise<string | undefined> =>
  download(network).fault(url, ms);

function serve(body: Buffer, { announced = true, status = 200 } = {}): void {
  server.answer = (_request, response) => {
    response.writeHead(status, announced ? { 'content-length': body.length } : {});
    response.end(body);
  };
}

/** Never sends the whole picture. */
const silence = (): void => undefined;

describe('a picture', () => {
  it.each([
    ['baseline', SQUARE],
    ['progressive', PROGRESSIVE],
    ['with a large profile', withSegments(SQUARE, 40, 65_537)],
  ])('is accepted with and without an announced length: %s', async (_name, picture) => {
    for (const announced of [true, false]) {
      serve(picture, { announced });
      expect(await fault()).toBeUndefined();
    }
    expect(server.paths).toEqual(['/group.jpg?size=large', '/group.jpg?size=large']);
    expect(resolved).toEqual([HOST, HOST]);
  });

  it.each<[string, Buffer, string]>([
    ['that is not square', WIDE, 'must be a square picture, but this one has 640 × 480 pixels'],
    [
      'that is too small',
      SMALL,
      'must be a picture of at least 192 × 192 pixels, but this one has 191 × 191 pixels',
    ],
    ['in another format', Buffer.from('\u0089PNG\r\n\u001a\n', 'latin1'), 'must be a JPEG'],
    ['that ends before its size', SQUARE.subarray(0, 30), 'must be a JPEG'],
    ['without a byte', Buffer.alloc(0), 'must be a JPEG'],
    ['that is too long', LONG, 'must be a picture of at most 5 MB'],
  ])('is refused with the reason: %s', async (_name, picture, message) => {
    for (const announced of [true, false]) {
      serve(picture, { announced });
      expect(await fault()).toBe(message);
    }
  });

  it('of 5 MB is accepted, without reading its data if its length is announced', async () => {
    serve(LONG.subarray(0, 5 * MEGABYTE), { announced: false });
    expect(await fault()).toBeUndefined();
    let sent = 0;
    server.answer = (_request, response) => {
      response.writeHead(200, { 'content-length': 5 * MEGABYTE }).write(SQUARE);
      sent += SQUARE.length;
    };
    expect(await fault()).toBeUndefined();
    expect(sent).toBe(SQUARE.length);
  });

  it('without an end is refused once it is too long', async () => {
    server.answer = (_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(MEGABYTE, 0xff))) continue;
      };
      response.on('drain', more).write(Buffer.of(0xff, 0xd8));
      more();
    };
    expect(await fault()).toBe('must be a picture of at most 5 MB');
  });

  it.each([301, 302, 303, 307, 308])('is not looked for elsewhere: %i', async (status) => {
    server.answer = (_request, response) => {
      response.writeHead(status, { location: 'https://169.254.169.254/latest/meta-data' }).end();
    };
    expect(await fault()).toBe('must not redirect');
    expect(server.connections).toBe(1);
  });

  it.each([204, 206, 403, 404, 500])('that is answered with %i is refused', async (status) => {
    serve(status === 204 ? Buffer.alloc(0) : SQUARE, { status });
    expect(await fault()).toBe(`could not be fetched: its server responded with status ${status}`);
  });

  it.each<[string, (request: IncomingMessage, response: ServerResponse) => void]>([
    ['before the response', ({ socket }) => socket.destroy()],
    [
      'within the picture',
      (_request, response) => {
        response.writeHead(200, { 'content-length': SQUARE.length }).write(SQUARE.subarray(0, 20));
        setTimeout(() => response.destroy(), 50);
      },
    ],
    [
      'after headers that are too long',
      (_request, response) => {
        for (let n = 0; n < 5; n += 1) response.setHeader(`X-Long-${n}`, 'a'.repeat(4_000));
        response.end(SQUARE);
      },
    ],
  ])('whose server ends the connection is refused: %s', async (_name, answer) => {
    server.answer = answer;
    expect(await fault()).toBe(
      'could not be fetched: its host could not be reached, or ended the connection',
    );
  });

  it.each<[string, (request: IncomingMessage, response: ServerResponse) => void]>([
    ['silent', silence],
    ['silent within the picture', (_request, response) => void response.write(SQUARE.subarray(0, 20))],
    [
      'slow',
      (_request, response) => {
        const timer = setInterval(() => response.write(Buffer.of(0xff)), 20);
        response.write(SQUARE.subarray(0, 2));
        response.once('close', () => clearInterval(timer));
      },
    ],
  ])('whose server is %s is given up in time', async (_name, answer) => {
    server.answer = answer;
    expect(await fault(300)).toBe('could not be fetched within 5 seconds');
  });

  it('is given up in time although the name server is silent', async () => {
    const resolve = (): Promise<never> => new Promise(() => undefined);
    expect(await fault(100, { resolve })).toBe('could not be fetched within 5 seconds');
  });
});

describe('the host of a picture', () => {
  const NOT_PUBLIC = 'must name a host that has public addresses only';
  const PUBLIC = ['8.8.8.8', '2606:4700::1111'];
  const INTERNAL =
    `0.0.0.0 10.1.2.3 100.64.0.1 100.100.100.200 127.0.0.1 127.8.8.8 169.254.169.254 168.63.129.16
    172.16.0.1 172.31.255.255 192.0.0.192 192.168.1.1 198.18.0.1 224.0.0.1 240.0.0.1 255.255.255.255
    :: ::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 2002:7f00:1::
    2001:0:7f00:1:: fc00::1 fd00:ec2::254 fe80::1 ff02::1 2001:db8::1 100::1`.split(/\s+/);
  const { isPublic } = publicInternet(() => null);

  it.each(INTERNAL)('must not have the address %s, not even beside another', async (address) => {
    const internal: LookupAddress = { address, family: address.includes(':') ? 6 : 4 };
    for (const addresses of [[internal], [{ address: '8.8.8.8', family: 4 }, internal]])
      expect(await fault(10_000, { isPublic, resolve: async () => addresses })).toBe(NOT_PUBLIC);
    expect(server.connections).toBe(0);
  });

  it('may have public addresses', () => {
    expect(PUBLIC.filter(isPublic)).toEqual(PUBLIC);
  });

  it('must exist, and looks the same whether it does not or is internal', async () => {
    const missing = Object.assign(new Error('queryA'), { code: 'ENOTFOUND' });
    const resolve = async (): Promise<never> => Promise.reject(missing);
    expect(await fault(10_000, { resolve })).toBe(NOT_PUBLIC);
    expect(await fault(10_000, { resolve: async () => [] })).toBe(NOT_PUBLIC);
  });

  it('is resolved once, so that another response for the connection changes nothing', async () => {
    serve(SQUARE);
    const judged: string[] = [];
    const responses = [[LOOPBACK], [{ address: '169.254.169.254', family: 4 }]];
    const network = {
      resolve: async (): Promise<LookupAddress[]> => responses.shift() ?? [],
      isPublic: (address: string): boolean => judged.push(address) > 0,
    };
    expect(await fault(10_000, network)).toBeUndefined();
    expect([responses.length, judged, server.connections]).toEqual([1, ['127.0.0.1'], 1]);
  });

  it('must prove its name', async () => {
    const other = new URL(url);
    other.hostname = 'other.acme-travel.com';
    serve(SQUARE);
    const message = 'could not be fetched: the certificate of its host is not valid';
    expect(await download().fault(other.href, 10_000)).toBe(message);
    expect(server.paths).toEqual([]);
  });
});

describe('through a proxy', () => {
  const ADDRESS = '203.0.113.7';
  let proxy: HttpProxy;
  let network: Partial<PictureNetwork>;

  beforeEach(async () => {
    proxy = new HttpProxy();
    const { hostname, port } = new URL(await proxy.listen());
    proxy.ports.set(`${ADDRESS}:443`, Number(new URL(url).port));
    network = {
      resolve: async () => [{ address: ADDRESS, family: 4 }],
      proxyFor: () => new OutboundProxy('http:', hostname, Number(port), 'user:password'),
    };
  });
  afterEach(() => proxy.close());

  const proxied = (host = HOST, ms = 10_000): Promise<string | undefined> =>
    download(network).fault(`https://${host}/group.jpg`, ms);

  it('a picture is fetched from the address that was checked', async () => {
    serve(SQUARE);
    expect(await proxied()).toBeUndefined();
    expect(proxy.requests.map(({ method, target }) => `${method} ${target}`)).toEqual([
      `CONNECT ${ADDRESS}:443`,
    ]);
    expect(proxy.requests[0]?.headers['proxy-authorization']).toMatch(/^Basic /);
    expect(server.paths).toEqual(['/group.jpg']);
    await eventually(async () => (proxy.open === 0 ? true : undefined));
  });

  it('its host must prove its name', async () => {
    serve(SQUARE);
    expect(await proxied('other.acme-travel.com')).toMatch(/certificate of its host is not valid$/);
  });

  it('it is refused if the proxy is silent or refuses', async () => {
    proxy.instead = silence;
    expect(await proxied(HOST, 200)).toBe('could not be fetched within 5 seconds');
    const resolve = async (): Promise<LookupAddress[]> => {
      await sleep(300);
      return [{ address: ADDRESS, family: 4 }];
    };
    const late = download({ ...network, resolve }).fault(`https://${HOST}/group.jpg`, 100);
    expect(await late).toBe('could not be fetched within 5 seconds');
    await sleep(400);
    expect(proxy.requests).toHaveLength(1);
    proxy.instead = (client) => client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    expect(await proxied()).toMatch(/could not be reached/);
    await eventually(async () => (proxy.open === 0 ? true : undefined));
  });
});
