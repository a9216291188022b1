import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { GLOBEX, GLOBEX_KEY, type Json } from '../support/gateway.js';
import { eventually } from '../support/eventually.js';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway-process.js';
import { HeldSocket } from '../support/held-socket.js';
import { linesThat, requestLines } from '../support/request-lines.js';

const GROUPS = `/v1/spaces/${GLOBEX.custSpaceId}/numbers/${GLOBEX.businessNumber}/groups`;
const ROUTE = '/v1/spaces/:custSpaceId/numbers/:businessNumber/groups';
const LATENCY_MS = 1_000;

let gateway: GatewayProcess;
beforeAll(async () => {
  const uncached = { CACHE_STALE_WHILE_REVALIDATE_MS: '0', CACHE_STALE_IF_ERROR_MS: '0' };
  gateway = await startGatewayProcess({ CACHE_FRESH_MS: '0', ...uncached }, GLOBEX_KEY);
});
afterAll(() => gateway.close());
beforeEach(() => gateway.sandbox.reset());

let count = 0;
/** A caller's id that finds the line of a request whose response nobody received. */
const nextId = (): string => `case-${(count += 1)}`;

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly id: string;
  readonly body?: unknown;
  /** Bytes that are announced but never sent. */
  readonly missing?: number;
}

function text({ method, path, id, body, missing = 0 }: Sent): string {
  const json = body === undefined ? '' : JSON.stringify(body);
  const head = `${method} ${path} HTTP/1.1\r\nHost: x\r\nX-Api-Key: ${GLOBEX_KEY}\r\nX-Request-Id: ${id}\r\n`;
  const length = json.length + missing;
  const described = length > 0 ? `Content-Type: application/json\r\nContent-Length: ${length}\r\n` : '';
  return `${head}${described}\r\n${json}`;
}

const linesOf = (id: string): Promise<Json[]> =>
  linesThat(gateway, ({ callerRequestId }) => callerRequestId === id);

/** Sends a request, leaves once CAMS was called, and returns its lines after the handler has ended. */
async function leave(sent: Sent, action: string): Promise<Json[]> {
  await gateway.sandbox.fault({ kind: 'latency', action, ms: LATENCY_MS });
  const socket = new HeldSocket(gateway.url, text(sent));
  await eventually(async () =>
    (await gateway.sandbox.callsOf(GLOBEX.custSpaceId, action)).length > 0 ? true : undefined,
  );
  socket.destroy();
  const lines = await linesOf(sent.id);
  // A second line would follow at the latest with the next request.
  await linesOf(await answered());
  return requestLines(gateway).filter(({ callerRequestId }) => callerRequestId === lines[0]?.callerRequestId);
}

/** Sends a request that is answered, and returns its id. */
async function answered(): Promise<string> {
  const id = nextId();
  await gateway.rest('/v1/viewer', { headers: { 'x-request-id': id } });
  return id;
}

describe('a request whose client leaves', () => {
  it('has one line with status 499 if it reads', async () => {
    const lines = await leave({ method: 'GET', path: GROUPS, id: nextId() }, 'ListChatGroup');
    expect(lines).toEqual([expect.objectContaining({ level: 'info', status: 499, clientLeft: true })]);
    expect(lines[0]).toMatchObject({ method: 'GET', route: ROUTE, tenant: 'globex' });
  });

  it('has no warning with status 499, even if CAMS fails afterwards', async () => {
    await gateway.sandbox.fault({ kind: 'http500', action: 'ListChatGroup' });
    const lines = await leave({ method: 'GET', path: GROUPS, id: nextId() }, 'ListChatGroup');
    expect(lines).toEqual([expect.objectContaining({ level: 'info', status: 499 })]);
    expect(lines[0]).not.toHaveProperty('code');
  });

  it('has one line with status 499 if its write was not sent', async () => {
    const sent = { method: 'DELETE', path: `${GROUPS}/no-such-group`, id: nextId() };
    const lines = await leave(sent, 'ListChatGroup');
    expect(lines).toEqual([expect.objectContaining({ level: 'info', status: 499, clientLeft: true })]);
    expect(lines[0]).not.toHaveProperty('code');
  });

  it.each<[what: string, sent: Omit<Sent, 'id'>, action: string, line: Json]>([
    [
      'a create request over REST',
      { method: 'POST', path: GROUPS, body: { subject: 'Nobody waits' } },
      'AddChatGroup',
      { status: 201, route: ROUTE },
    ],
    [
      'a create request over GraphQL',
      {
        method: 'POST',
        path: '/graphql',
        body: {
          query: 'mutation ($input: CreateChatGroupInput!) { createChatGroup(input: $input) { requestId } }',
          variables: { input: { businessNumber: GLOBEX.businessNumber, subject: 'Nobody waits here' } },
        },
      },
      'AddChatGroup',
      { status: 200, route: '/graphql' },
    ],
  ])('has one line with the outcome if its write was sent: %s', async (_what, sent, action, line) => {
    const lines = await leave({ ...sent, id: nextId() }, action);
    expect(lines).toEqual([expect.objectContaining({ level: 'info', clientLeft: true, ...line })]);
  });

  it('has one line with status 499, and no error, if it was still sending its body', async () => {
    const ids = Array.from({ length: 20 }, nextId);
    const sockets = ids.map((id) => {
      const sent = { method: 'POST', path: GROUPS, id, body: { subject: 'x' }, missing: 100 };
      return new HeldSocket(gateway.url, text(sent));
    });
    // The request after it on another connection was received, so these were, too.
    await linesOf(await answered());
    for (const socket of sockets) socket.destroy();
    for (const id of ids)
      expect(await linesOf(id)).toEqual([
        expect.objectContaining({ level: 'info', status: 499, clientLeft: true, route: ROUTE }),
      ]);
    expect(gateway.output()).not.toMatch(/"level":"error"|"stack"/);
  });

  it('has one line even if its response waits for that of an earlier request', async () => {
    await gateway.sandbox.fault({ kind: 'latency', action: 'ListChatGroup', ms: LATENCY_MS });
    const [first, second] = [nextId(), nextId()];
    const pipelined = [
      text({ method: 'GET', path: GROUPS, id: first }),
      text({ method: 'GET', path: '/v1/viewer', id: second }),
    ];
    const socket = new HeldSocket(gateway.url, pipelined.join(''));
    await eventually(async () =>
      (await gateway.sandbox.callsOf(GLOBEX.custSpaceId, 'ListChatGroup')).length > 0 ? true : undefined,
    );
    socket.destroy();
    for (const id of [first, second])
      expect(await linesOf(id)).toEqual([expect.objectContaining({ status: 499, clientLeft: true })]);
  });
});

describe('what Node refuses before it is a request', () => {
  it.each([
    ['garbage', 'nonsense\r\n\r\n', 400, 'VALIDATION_FAILED', 'unknown'],
    [
      'long headers',
      `GET / HTTP/1.1\r\nA: ${'a'.repeat(20_480)}\r\n\r\n`,
      431,
      'PAYLOAD_TOO_LARGE',
      'unknown',
    ],
    ['a tunnel', 'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n', 405, 'METHOD_NOT_ALLOWED', 'CONNECT'],
    ['half a header', 'GET / HTTP/1.1\r\nHo', 408, 'REQUEST_TIMEOUT', 'unknown'],
  ])('has one line: %s', async (_what, sent, status, code, method) => {
    const socket = new HeldSocket(gateway.url, sent);
    const id = /X-Request-Id: (.+)\r/i.exec(await socket.ended())?.[1];
    socket.destroy();
    const lines = await linesThat(gateway, ({ requestId }) => requestId === id);
    expect(lines).toEqual([expect.objectContaining({ level: 'info', method, status, code })]);
  });

  it('has one line with its route if only the body cannot be read', async () => {
    const id = nextId();
    const head = text({ method: 'POST', path: GROUPS, id }).trimEnd();
    const rest = 'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n';
    const socket = new HeldSocket(gateway.url, `${head}\r\n${rest}`);
    const answer = await socket.ended();
    socket.destroy();
    const lines = await linesOf(id);
    expect(lines).toEqual([expect.objectContaining({ level: 'info', status: 400, route: ROUTE })]);
    expect(answer).toContain(lines[0].requestId);
  });
});

/** Sends several requests at once and resets the connection. */
async function resetAfter(requests: string): Promise<void> {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.write(requests, () => socket.resetAndDestroy());
  await once(socket, 'close');
}

it('requests whose client has reset the connection have one line each, and cause no errors', async () => {
  const ids = Array.from({ length: 60 }, nextId);
  const sent = ids.map((id) => text({ method: 'GET', path: '/v1/viewer', id }));
  for (let from = 0; from < sent.length; from += 3) await resetAfter(sent.slice(from, from + 3).join(''));
  // Those that arrived before the reset; how many depends on the network.
  await fetch(new URL('/v1/viewer', gateway.url), {
    headers: { 'x-api-key': GLOBEX_KEY, 'x-request-id': 'end' },
  });
  await linesThat(gateway, ({ callerRequestId }) => callerRequestId === 'end');
  const lines = requestLines(gateway).filter(({ callerRequestId }) => ids.includes(callerRequestId));
  expect(new Set(lines.map(({ callerRequestId }) => callerRequestId)).size).toBe(lines.length);
  expect(gateway.output()).not.toContain('"level":"error"');
});
