import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { ACME_KEY, type TestGateway, startTestGateway } from '../support/gateway.js';
import { RedisServer } from '../support/redis-server.js';
import { TcpProxy } from '../support/tcp-proxy.js';

/** Requests that acme may have in flight. */
const LIMIT = 50;

let redis: RedisServer;
let proxy: TcpProxy;
let gateway: TestGateway;

beforeAll(async () => {
  redis = await RedisServer.start();
  proxy = await TcpProxy.start(redis.port);
  gateway = await startTestGateway({
    REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
  });
});
afterAll(async () => {
  await gateway.close();
  await proxy.close();
  await redis.stop();
});

/** Sends a request and leaves once the gateway has begun to handle it. */
async function leave(): Promise<void> {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  socket.write(`GET /v1/viewer HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer ${ACME_KEY}\r\n\r\n`);
  await once(socket, 'connect');
  // Needs no quota, and arrives later.
  expect((await fetch(new URL('/openapi.json', gateway.url))).status).toBe(200);
  socket.resetAndDestroy();
  await once(socket, 'close');
}

it('clients that leave while their quota is counted give their places back', async () => {
  proxy.hold();
  for (let left = 0; left < LIMIT + 5; left += 1) await leave();
  proxy.repair();
  const found = await eventually(async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => gateway.rest('/v1/viewer')));
    return answers.every(({ status }) => status === 200) || undefined;
  });
  expect(found).toBe(true);
});
