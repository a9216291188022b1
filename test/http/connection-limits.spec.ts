import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ACME_KEY, GLOBEX, GLOBEX_KEY } from '../support/gateway.js';
import { eventually } from '../support/eventually.js';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway-process.js';
import { HeldSocket } from '../support/held-socket.js';
import { sendRaw } from '../support/raw-http.js';
import { unusedPort } from '../support/unused-port.js';

const GROUPS = '/v1/spaces/cams-acme/numbers/8613800000001/groups';
const GLOBEX_GROUPS = `/v1/spaces/${GLOBEX.custSpaceId}/numbers/${GLOBEX.businessNumber}/groups`;
const request = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\nX-Api-Key: ${ACME_KEY}\r\n\r\n`;
const UNCACHED = {
  CACHE_FRESH_MS: '0',
  CACHE_STALE_WHILE_REVALIDATE_MS: '0',
  CACHE_STALE_IF_ERROR_MS: '0',
};

let gateway: GatewayProcess | undefined;
const held: HeldSocket[] = [];
afterEach(async () => {
  for (const socket of held.splice(0)) socket.destroy();
  await gateway?.kill();
});

function hold(url: string, text: string): HeldSocket {
  const socket = new HeldSocket(url, text);
  held.push(socket);
  return socket;
}

async function refusedBy(managementPort: string): Promise<string | undefined> {
  const metrics = await (await fetch(`http://127.0.0.1:${managementPort}/metrics`)).text();
  return /gateway_connections_refused_total (\d+)/.exec(metrics)?.[1];
}

describe('MAX_CONNECTIONS', () => {
  let MANAGEMENT_PORT: string;
  beforeEach(async () => {
    MANAGEMENT_PORT = String(await unusedPort());
  });

  /** Resolves when this many responses have arrived. */
  const hasReceived = (socket: HeldSocket, responses = 1): Promise<true> =>
    eventually(async () => socket.received.split('tenantId').length > responses || undefined);

  it('closes connections that were not used for longest, to make room for others', async () => {
    gateway = await startGatewayProcess({ MAX_CONNECTIONS: '4', MANAGEMENT_PORT }, ACME_KEY);
    const { url } = gateway;
    const silent = hold(url, '');
    const half = hold(url, 'GET / HT');
    const used = hold(url, request('/v1/viewer'));
    await hasReceived(used);
    const others: HeldSocket[] = [];
    for (let n = 0; n < 10; n += 1) {
      const other = hold(url, request('/v1/viewer'));
      await hasReceived(other);
      others.push(other);
      used.send(request('/v1/viewer'));
      await hasReceived(used, n + 2);
    }
    expect(await silent.ended()).toBe('');
    expect(await half.ended()).toBe('');
    await Promise.all(others.slice(0, -3).map((other) => other.ended()));
    expect(await refusedBy(MANAGEMENT_PORT)).toBe('9');
    const warnings = gateway.output().match(/closed connections because MAX_CONNECTIONS were open/g);
    expect(warnings).toHaveLength(1);
  });

  it('closes further connections at once while all have requests in flight', async () => {
    gateway = await startGatewayProcess({ ...UNCACHED, MAX_CONNECTIONS: '3', MANAGEMENT_PORT }, ACME_KEY);
    const { url, sandbox } = gateway;
    await sandbox.fault({ kind: 'latency', action: 'ListChatGroup', ms: 3_000 });
    const inFlight: HeldSocket[] = [];
    const calls = async (): Promise<number> => (await sandbox.callsOf('cams-acme', 'ListChatGroup')).length;
    await sandbox.forgetCalls();
    for (let n = 1; n <= 3; n += 1) {
      inFlight.push(hold(url, request(`${GROUPS}?subject=${n}`)));
      await eventually(async () => (await calls()) === n || undefined);
    }
    for (let n = 0; n < 5; n += 1) expect(await hold(url, request('/v1/viewer')).ended()).toBe('');
    expect(await refusedBy(MANAGEMENT_PORT)).toBe('5');
    for (const socket of inFlight)
      await eventually(async () => socket.received.startsWith('HTTP/1.1 200') || undefined);
    await hasReceived(hold(url, request('/v1/viewer')));
  });
});

async function listed(of: GatewayProcess | undefined): Promise<true | undefined> {
  const calls = (await of?.sandbox.callsOf(GLOBEX.custSpaceId, 'ListChatGroup')) ?? [];
  return calls.length > 0 ? true : undefined;
}

describe('SIGTERM', () => {
  it('waits for requests in flight, but for no connection without a complete request', async () => {
    gateway = await startGatewayProcess(UNCACHED, ACME_KEY);
    const { url } = gateway;
    await gateway.sandbox.fault({ kind: 'latency', action: 'ListChatGroup', ms: 2_500 });
    const body = 'POST /graphql HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\n';
    for (const text of ['', 'GET / HT', `${body}X-Api-Key: ${ACME_KEY}\r\n\r\n{`]) hold(url, text);
    const inFlight = gateway.rest(GLOBEX_GROUPS, { key: GLOBEX_KEY });
    await eventually(() => listed(gateway));
    const ended = gateway.close();
    expect((await inFlight).status).toBe(200);
    // Node does not time out connections once it closes: without the gateway, this would last as long as they do.
    await ended;
    expect(gateway.output()).toContain('"msg":"stopped"');
  });
});

describe('pipelined requests', () => {
  it('behind one that asks for another protocol are known to be lost: the connection is closed', async () => {
    gateway = await startGatewayProcess(UNCACHED, ACME_KEY);
    const upgrade = request('/v1/viewer').replace(
      'Host: x',
      'Host: x\r\nConnection: Upgrade\r\nUpgrade: h2c',
    );
    const { text, head } = await sendRaw(gateway.url, [{ text: `${upgrade}${request('/v1/viewer')}` }]);
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200']);
    expect(head.toLowerCase()).toContain('connection: close');
  });

  it.each([
    ['a refused body of unknown length', 'POST /graphql', 'Transfer-Encoding: chunked'],
    ['a refused body that is too long', 'POST /graphql', 'Content-Length: 1000000'],
  ])('behind %s are not handled, since nobody would get the response', async (_, line, header) => {
    gateway = await startGatewayProcess(UNCACHED, ACME_KEY);
    const [group] = await gateway.sandbox.groups({
      custSpaceId: 'cams-acme',
      businessNumber: '8613800000001',
    });
    const refused = `${line} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${header}\r\n\r\n`;
    const body = header.startsWith('T') ? '2\r\n{}\r\n0\r\n\r\n' : ' '.repeat(1_000_000);
    const change = '{"subject":"Behind"}';
    const write = request(`${GROUPS}/${group?.groupId}`)
      .replace('GET', 'PATCH')
      .replace('Host: x', `Host: x\r\nContent-Type: application/json\r\nContent-Length: ${change.length}`);
    const { text } = await sendRaw(gateway.url, [{ text: `${refused}${body}${write}${change}` }]);
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 401']);
    expect(text.toLowerCase()).toContain('connection: close');
    // It would be executed after the response.
    await sleep(500);
    expect(await gateway.sandbox.calls('UpdateChatGroup')).toEqual([]);
    expect(gateway.output()).not.toContain('"method":"PATCH"');
  });

  it('are answered in order, before garbage behind them is refused', async () => {
    gateway = await startGatewayProcess(UNCACHED, ACME_KEY);
    await gateway.sandbox.fault({ kind: 'latency', action: 'ListChatGroup', ms: 1_000 });
    const pieces = [{ text: `${request(GROUPS)}${request('/v1/viewer')}nonsense\r\n\r\n` }];
    const { text } = await sendRaw(gateway.url, pieces);
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 400']);
  });

  it('beyond 32 are refused after the responses to the others, with one line, and the connection is closed', async () => {
    gateway = await startGatewayProcess({}, ACME_KEY);
    const { text } = await sendRaw(gateway.url, [{ text: request('/v1/viewer').repeat(500) }]);
    const statuses = text.match(/(?<=HTTP\/1\.1 )\d+/g) ?? [];
    expect(statuses).toEqual([...Array.from({ length: 32 }, () => '200'), '429']);
    expect(text.toLowerCase()).toContain('connection: close');
    const lines = await eventually(async () => {
      const written = gateway?.output().match(/^\{.*"msg":"request".*$/gm) ?? [];
      return written.length >= 33 ? written : undefined;
    });
    expect(lines.filter((line) => line.includes('"code":"RATE_LIMITED"'))).toHaveLength(1);
    expect(lines).toHaveLength(33);
  });
});
