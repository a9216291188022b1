import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { loadConfig, withSandboxAt } from '../../src/config/config.js';
import { createGateway } from '../../src/app/bootstrap.js';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.js';
import {
  ACME_KEY,
  GLOBEX_KEY,
  READONLY_KEY,
  type RequestOptions,
  TEST_SETTINGS,
} from '../support/gateway.js';
import { gatewayClient } from '../support/gateway-client.js';
import { SandboxControl } from '../support/sandbox-control.js';

const SETTINGS = { ...TEST_SETTINGS, CACHE_FRESH_MS: '60000', CACHE_STALE_WHILE_REVALIDATE_MS: '60000' };
const LISTS = '/v1/spaces/cams-acme/numbers/8613800000001/groups';
/** Pages with groups of another status are cached for a shorter time. */
const ACTIVE = `${LISTS}?status=ACTIVE`;
/** Headers that differ between any two responses. */
const OF_ITS_OWN = new Set(['age', 'date', 'ratelimit', 'x-request-id', 'x-upstream-request-id']);
const TIMES = /"asOf":"[^"]+"|ttl=-?\d+/g;

let sandbox: Sandbox;
const apps: NestFastifyApplication[] = [];
let direct: string;
let throughNest: string;
/** Routes whose Nest handler was called. */
const handled: string[] = [];

async function listen(settings: Record<string, string>): Promise<string> {
  const config = loadConfig({ ...SETTINGS, ...settings });
  const app = await createGateway(withSandboxAt(config, sandbox.url));
  apps.push(app);
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRoute', (route) => {
      const { handler } = route;
      route.handler = function handle(request, reply) {
        // Fastify continues to the route handler unless a hook has already sent the response.
        handled.push(route.url);
        return handler.call(this, request, reply);
      };
    });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return new URL(await app.getUrl()).origin;
}

beforeAll(async () => {
  const { sandbox: settings } = loadConfig(SETTINGS);
  if (!settings) throw new Error('The test gateway requires the sandbox.');
  sandbox = await startSandbox(settings);
  direct = await listen({ FAST_PATH: 'on' });
  throughNest = await listen({ FAST_PATH: 'off' });
});
afterEach(() => void handled.splice(0));
afterAll(async () => {
  for (const app of apps) await app.close();
  await sandbox.close();
});

async function answerOf(url: string, path: string, options: RequestOptions): Promise<object> {
  const answer = await gatewayClient(url, ACME_KEY).rest(path, options);
  const id = answer.headers.get('x-request-id') ?? '';
  // Two times of the same length do not compress to the same length.
  const lengthVaries = answer.headers.has('content-encoding');
  const shown = [...answer.headers].filter(
    ([name]) => !OF_ITS_OWN.has(name) && !(lengthVaries && name === 'content-length'),
  );
  return {
    status: answer.status,
    headers: shown.map(([name, value]) => `${name}: ${value.replace(TIMES, '')}`),
    text: answer.text.replace(TIMES, '').replaceAll(id, 'its own'),
  };
}

describe('the fast path for listings', () => {
  it('bypasses Nest', async () => {
    await answerOf(throughNest, ACTIVE, {});
    expect(handled.splice(0)).toHaveLength(1);
    await answerOf(direct, ACTIVE, {});
    expect(handled.splice(0)).toEqual([]);
  });

  it.each<[string, number, string, RequestOptions]>([
    ['a listing', 200, ACTIVE, {}],
    ['a filtered page', 200, `${LISTS}?page=2&size=7&status=ACTIVE&subject=a`, {}],
    ['a page after the last', 200, `${ACTIVE}&page=900`, {}],
    ['headers only', 200, ACTIVE, { method: 'HEAD' }],
    ['a compressed listing', 200, ACTIVE, { headers: { 'accept-encoding': 'gzip' } }],
    ['a listing in the preferred coding', 200, ACTIVE, { headers: { 'accept-encoding': 'gzip;q=0.1, br' } }],
    [
      'headers of a compressed listing',
      200,
      ACTIVE,
      { method: 'HEAD', headers: { 'accept-encoding': 'br' } },
    ],
    [
      'a listing for a client that decodes nothing',
      200,
      ACTIVE,
      { headers: { 'accept-encoding': 'identity' } },
    ],
    [
      'an unchanged compressed listing',
      304,
      ACTIVE,
      { headers: { 'if-none-match': '*', 'accept-encoding': 'br' } },
    ],
    ['an unchanged listing', 304, ACTIVE, { headers: { 'if-none-match': '*' } }],
    ['an invalid entity tag', 200, ACTIVE, { headers: { 'if-none-match': 'W/"x", y' } }],
    ['an invalid page and an unknown field', 400, `${LISTS}?page=0x10&size=1000&color=red`, {}],
    ['a repeated field', 400, `${LISTS}?size=1&size=2`, {}],
    ['fields that every object inherits', 400, `${LISTS}?__proto__=1&toString=2`, {}],
    ['an invalid number', 400, '/v1/spaces/cams-acme/numbers/abc/groups?size=0', {}],
    ['an empty segment', 404, '/v1/spaces//numbers/8613800000001/groups', {}],
    ['a trailing slash', 404, `${LISTS}/`, {}],
    ['an unknown number', 404, '/v1/spaces/cams-acme/numbers/8613800099999/groups', {}],
    ['a listing of another tenant', 404, ACTIVE, { key: GLOBEX_KEY }],
    ['a read-only caller', 200, ACTIVE, { key: READONLY_KEY }],
    ['no credentials', 401, ACTIVE, { key: null }],
    ['a client that does not accept JSON', 406, ACTIVE, { headers: { accept: 'text/html' } }],
    ['another method', 405, ACTIVE, { method: 'DELETE' }],
  ])('returns the same response as Nest: %s', async (_, status, path, options) => {
    const answer = await answerOf(direct, path, options);
    expect(answer).toMatchObject({ status });
    expect(answer).toEqual(await answerOf(throughNest, path, options));
    // The second response is built from memoized data, if there is any.
    const again = await answerOf(direct, path, options);
    expect(again).toEqual(await answerOf(throughNest, path, options));
  });

  it('returns the same errors as Nest', async () => {
    const control = new SandboxControl(sandbox.url);
    const failed = async (path: string, options: RequestOptions): Promise<object> => {
      await control.fault({ kind: 'malformed', action: 'ListChatGroup', count: 2 });
      const answer = await answerOf(direct, path, options);
      expect(answer).toEqual(await answerOf(throughNest, path, options));
      return answer;
    };
    expect(await failed(`${LISTS}?subject=never`, {})).toMatchObject({ status: 502 });
    expect(await failed(`${LISTS}?subject=seen`, { method: 'HEAD' })).toMatchObject({ status: 502 });
  });
});

it('refuses to start with a global interceptor that the fast path would bypass', async () => {
  const start = async (settings: Record<string, string>): Promise<void> => {
    const app = await createGateway(withSandboxAt(loadConfig({ ...SETTINGS, ...settings }), sandbox.url));
    try {
      app.useGlobalInterceptors({ intercept: (_, next) => next.handle() });
      await app.init();
    } finally {
      await app.close();
    }
  };
  await expect(start({ FAST_PATH: 'on' })).rejects.toThrow('The fast path would skip');
  await expect(start({ FAST_PATH: 'off' })).resolves.toBeUndefined();
});
