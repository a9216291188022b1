import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startTestSandbox, type TestSandbox } from '../support/sandbox-rpc.js';

let sandbox: TestSandbox;
let host: string;
beforeAll(async () => {
  sandbox = await startTestSandbox();
  host = new URL(sandbox.url).host;
});
afterAll(async () => sandbox.close());

const FAULT = '{"kind":"throttle"}';
const JSON_TYPE = { 'content-type': 'application/json' };
const port = (): string => host.split(':')[1] ?? '';

/** Sends any `Host`, which `fetch` does not. Returns the status. */
async function send(
  method: string,
  name: string,
  headers: Record<string, string>,
  body = '',
): Promise<number> {
  const sent = request(`${sandbox.url}/__sandbox__/${name}`, { method, headers, agent: false });
  sent.end(body);
  const [response] = await once(sent, 'response');
  response.resume();
  return response.statusCode as number;
}

async function faults(): Promise<unknown> {
  const { faults: active } = (await (await fetch(`${sandbox.url}/__sandbox__/faults`)).json()) as {
    faults: unknown;
  };
  await sandbox.control.clearFaults();
  return active;
}

it.each([
  ['https://evil.example'],
  ['http://evil.example'],
  ['null'],
  ['file://'],
  ['http://localhost:5173'],
  ['http://127.0.0.1'],
  ['http://127.0.0.1:1'],
  ['https://HOST'],
  ['http://HOST.evil.example'],
  ['http://evil.example@HOST'],
])('refuses a page of the origin %s, whatever it sends', async (template) => {
  const origin = template.replace('HOST', host);
  for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded'])
    expect(await send('POST', 'faults', { origin, 'content-type': type }, FAULT)).toBe(403);
  expect(await send('POST', 'reset', { origin })).toBe(403);
  expect(await send('GET', 'calls', { origin })).toBe(403);
  expect(await send('DELETE', 'faults', { origin })).toBe(403);
  expect(await send('OPTIONS', 'faults', { origin, 'access-control-request-method': 'POST' })).toBe(403);
  expect(await faults()).toEqual([]);
});

it.each(['cross-site', 'same-site'])('refuses a request that a browser calls %s', async (site) => {
  expect(await send('GET', 'calls', { 'sec-fetch-site': site })).toBe(403);
});

it.each([
  'evil.example',
  'evil.example:PORT',
  '127.0.0.1.nip.io:PORT',
  'localhost.evil.example:PORT',
  '127.evil.example',
  '10.0.0.1:PORT',
  '[::2]:PORT',
  '0.0.0.0:PORT',
  'localhost:evil',
])('refuses the foreign Host %j, also of a page with the same name', async (template) => {
  const name = template.replace('PORT', port());
  expect(await send('POST', 'faults', { host: name, ...JSON_TYPE }, FAULT)).toBe(403);
  expect(await send('POST', 'faults', { host: name, origin: `http://${name}`, ...JSON_TYPE }, FAULT)).toBe(
    403,
  );
  expect(await send('GET', 'calls', { host: name })).toBe(403);
  expect(await faults()).toEqual([]);
});

it.each([
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/jsonp',
  '',
])('refuses a body of the type %j', async (type) => {
  expect(await send('POST', 'faults', type === '' ? {} : { 'content-type': type }, FAULT)).toBe(415);
  expect(await faults()).toEqual([]);
});

it('accepts other programs than browsers, and pages of its own', async () => {
  expect(await send('POST', 'faults', JSON_TYPE, FAULT)).toBe(200);
  expect(await send('POST', 'faults', { 'content-type': 'Application/JSON; charset=utf-8' }, FAULT)).toBe(
    200,
  );
  expect(await send('POST', 'faults', { origin: `http://${host}`, ...JSON_TYPE }, FAULT)).toBe(200);
  expect(await send('GET', 'calls', { 'sec-fetch-site': 'none' })).toBe(200);
  for (const name of ['localhost', 'LOCALHOST', '127.0.0.1', '127.0.0.2', '[::1]'])
    expect(await send('GET', 'calls', { host: `${name}:${port()}` })).toBe(200);
  expect(await send('POST', 'reset', {})).toBe(200);
});
