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
/** Pages with other groups are kept for a shorter time. */
const ACTIVE = `${LISTS}?status=ACTIVE`;
/** Which differ from answer to answer, whoever makes it. */
const OF_ITS_OWN = new Set(['age', 'date', 'ratelimit', 'x-upstream-request-id']);
const TIMES = /"asOf":"[^"]+"|ttl=-?\d+/g;

let sandbox: Sandbox;
const apps: NestFastifyApplication[] = [];
let direct: string;
let throughNest: string;
/** Routes whose own handler, Nest's, was called. */
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
        // Fastify goes on to the handler of a route whose hook has not sent its response yet.
        handled.push(route.url);
        return handler.call(this, request, reply);
      };
    });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return new URL(await app.getUrl()).origin;
}

beforeAll(async () => {
  const { sandbox: settings } = loadConfig(SETTINGS);
  if (!settings) throw new Error('A test gateway runs with the sandbox.');
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
  const headers = { 'x-request-id': 'the-same', ...options.headers };
  const answer = await gatewayClient(url, ACME_KEY).rest(path, { ...options, headers });
  const shown = [...answer.headers].filter(([name]) => !OF_ITS_OWN.has(name));
  return {
    status: answer.status,
    headers: shown.map(([name, value]) => `${name}: ${value.replace(TIMES, '')}`),
    text: answer.text.replace(TIMES, ''),
  };
}

describe('a list that is answered directly', () => {
  it('does not pass the pipeline of Nest', async () => {
    await answerOf(throughNest, ACTIVE, {});
    expect(handled.splice(0)).toHaveLength(1);
    await answerOf(direct, ACTIVE, {});
    expect(handled.splice(0)).toEqual([]);
  });

  it.each<[string, number, string, RequestOptions]>([
    ['a list', 200, ACTIVE, {}],
    ['a page of what is asked for', 200, `${LISTS}?page=2&size=7&status=ACTIVE&subject=a`, {}],
    ['a page behind the last', 200, `${ACTIVE}&page=900`, {}],
    ['the headers only', 200, ACTIVE, { method: 'HEAD' }],
    ['a list that has not changed', 304, ACTIVE, { headers: { 'if-none-match': '*' } }],
    ['a tag that is none', 200, ACTIVE, { headers: { 'if-none-match': 'W/"x", y' } }],
    ['a bad page and an unknown field', 400, `${LISTS}?page=0x10&size=1000&color=red`, {}],
    ['a field twice', 400, `${LISTS}?size=1&size=2`, {}],
    ['a field that every object has', 400, `${LISTS}?__proto__=1&toString=2`, {}],
    ['a bad number', 400, '/v1/spaces/cams-acme/numbers/abc/groups?size=0', {}],
    ['an empty segment', 404, '/v1/spaces//numbers/8613800000001/groups', {}],
    ['a slash at the end', 404, `${LISTS}/`, {}],
    ['a number of nobody', 404, '/v1/spaces/cams-acme/numbers/8613800099999/groups', {}],
    ['a list of another tenant', 404, ACTIVE, { key: GLOBEX_KEY }],
    ['a list for who may only read', 200, ACTIVE, { key: READONLY_KEY }],
    ['nobody', 401, ACTIVE, { key: null }],
    ['who takes no JSON', 406, ACTIVE, { headers: { accept: 'text/html' } }],
    ['another method', 405, ACTIVE, { method: 'DELETE' }],
  ])('is as Nest would answer it: %s', async (_, status, path, options) => {
    const answer = await answerOf(direct, path, options);
    expect(answer).toMatchObject({ status });
    expect(answer).toEqual(await answerOf(throughNest, path, options));
    // The second is made of what was kept, where there is something.
    const again = await answerOf(direct, path, options);
    expect(again).toEqual(await answerOf(throughNest, path, options));
  });

  it('fails as Nest would let it fail', async () => {
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

it('a gateway does not start with something for all handlers that the fast path would miss', async () => {
  const start = async (settings: Record<string, string>): Promise<void> => {
    const app = await createGateway(withSandboxAt(loadConfig({ ...SETTINGS, ...settings }), sandbox.url));
    try {
      app.useGlobalInterceptors({ intercept: (_, next) => next.handle() });
      await app.init();
    } finally {
      await app.close();
    }
  };
  await expect(start({ FAST_PATH: 'on' })).rejects.toThrow('The fast path would miss');
  await expect(start({ FAST_PATH: 'off' })).resolves.toBeUndefined();
});
