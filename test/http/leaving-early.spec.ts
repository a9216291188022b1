import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { ACME, ACME_KEY } from '../support/gateway.js';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway-process.js';
import { HeldSocket } from '../support/held-socket.js';
import { RedisServer } from '../support/redis-server.js';
import { requestLines } from '../support/request-lines.js';

const GROUPS = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;
const QUERY = JSON.stringify({ query: '{ viewer { tenantId } }' });
const SUBJECT = JSON.stringify({ subject: 'Never read' });

let redis: RedisServer;
let gateway: GatewayProcess;
beforeAll(async () => {
  redis = await RedisServer.start();
  gateway = await startGatewayProcess({ STATE_REDIS_URL: redis.url }, ACME_KEY);
});
afterAll(async () => {
  await gateway.close();
  await redis.stop();
});

it('ends requests whose client leaves while its quota is counted, before their body is read', async () => {
  const requests = [
    ['GET', GROUPS, ''],
    ['POST', '/graphql', QUERY],
    ['POST', GROUPS, SUBJECT],
    ['PATCH', `${GROUPS}/G1`, SUBJECT],
    ['DELETE', `${GROUPS}/G1`, ''],
  ] as const;
  await gateway.sandbox.forgetCalls();
  redis.freeze();
  const sockets = requests.map(
    ([method, path, body]) =>
      new HeldSocket(
        gateway.url,
        `${method} ${path} HTTP/1.1\r\nHost: x\r\nX-Api-Key: ${ACME_KEY}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      ),
  );
  // The quota waits 100 ms for Redis.
  await sleep(10);
  for (const socket of sockets) socket.destroy();
  redis.thaw();
  await eventually(async () => {
    const left = requestLines(gateway).filter(({ clientLeft }) => clientLeft === true);
    return left.length === requests.length ? true : undefined;
  });
  expect(await gateway.sandbox.calls('AddChatGroup')).toEqual([]);
});

it('ends requests with another body whose client leaves before sending it, also without credentials', async () => {
  const before = requestLines(gateway).length;
  const paths = ['/nope', GROUPS, '/graphql'];
  const sockets = paths.map(
    (path) =>
      new HeldSocket(
        gateway.url,
        `POST ${path} HTTP/1.1\r\nHost: x\r\nX-Api-Key: ${ACME_KEY}\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n`,
      ),
  );
  await sleep(200);
  for (const socket of sockets) socket.destroy();
  await eventually(async () => (requestLines(gateway).length === before + paths.length ? true : undefined));
});
