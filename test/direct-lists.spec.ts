import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { loadConfig, withSandboxAt } from '../src/config.js';
import { createGateway } from '../src/gateway.js';
import { type Sandbox, startSandbox } from '../src/sandbox/sandbox.js';
import { ACME_KEY, GLOBEX_KEY, READONLY_KEY, type RequestOptions, TEST_SETTINGS } from './support/gateway.js';
import { gatewayClient } from './support/gateway-client.js';

const LISTS = '/v1/spaces/cams-acme/numbers/8613800000001/groups';
/** Which differ from answer to answer, whoever makes it. */
const OF_ITS_OWN = new Set(['date', 'ratelimit', 'x-upstream-request-id']);

let sandbox: Sandbox;
const apps: NestFastifyApplication[] = [];
let direct: string;
let throughNest: string;
/** Handlers that Nest called. */
const handled: string[] = [];

async function listen(prepare?: (fastify: FastifyInstance) => unknown): Promise<string> {
  const config = loadConfig(TEST_SETTINGS);
  const app = await createGateway(withSandboxAt(config, sandbox.url));
  apps.push(app);
  app.useGlobalInterceptors({
    intercept(context, next) {
      handled.push(context.getHandler().name);
      return next.handle();
    },
  });
  prepare?.(app.getHttpAdapter().getInstance());
  await app.listen({ host: '127.0.0.1', port: 0 });
  return new URL(await app.getUrl()).origin;
}

beforeAll(async () => {
  const { sandbox: settings } = loadConfig(TEST_SETTINGS);
  if (!settings) throw new Error('A test gateway runs with the sandbox.');
  sandbox = await startSandbox(settings);
  direct = await listen();
  throughNest = await listen((fastify) =>
    fastify.addHook('onRoute', (route) => {
      if (route.url.endsWith('/groups')) route.preHandler = [];
    }),
  );
});
afterAll(async () => {
  for (const app of apps) await app.close();
  await sandbox.close();
});

async function answerOf(url: string, path: string, options: RequestOptions): Promise<object> {
  const headers = { 'x-request-id': 'the-same', ...options.headers };
  const answer = await gatewayClient(url, ACME_KEY).rest(path, { ...options, headers });
  const shown = [...answer.headers].filter(([name]) => !OF_ITS_OWN.has(name));
  return { status: answer.status, headers: shown, text: answer.text.replace(/"asOf":"[^"]+"/, '"asOf":""') };
}

describe('a list that is answered directly', () => {
  it('does not pass the pipeline of Nest', async () => {
    await answerOf(throughNest, LISTS, {});
    expect(handled.splice(0)).toEqual(['list']);
    await answerOf(direct, LISTS, {});
    expect(handled.splice(0)).toEqual([]);
  });

  it.each<[string, number, string, RequestOptions]>([
    ['a list', 200, LISTS, {}],
    ['a page of what is asked for', 200, `${LISTS}?page=2&size=7&status=ACTIVE&subject=a`, {}],
    ['a page behind the last', 200, `${LISTS}?page=900`, {}],
    ['the headers only', 200, LISTS, { method: 'HEAD' }],
    ['a list that has not changed', 304, LISTS, { headers: { 'if-none-match': '*' } }],
    ['a tag that is none', 200, LISTS, { headers: { 'if-none-match': 'W/"x", y' } }],
    ['a bad page and an unknown field', 400, `${LISTS}?page=0x10&size=1000&color=red`, {}],
    ['a field twice', 400, `${LISTS}?size=1&size=2`, {}],
    ['a field that every object has', 400, `${LISTS}?__proto__=1&toString=2`, {}],
    ['a bad number', 400, '/v1/spaces/cams-acme/numbers/abc/groups?size=0', {}],
    ['an empty segment', 404, '/v1/spaces//numbers/8613800000001/groups', {}],
    ['a slash at the end', 404, `${LISTS}/`, {}],
    ['a number of nobody', 404, '/v1/spaces/cams-acme/numbers/8613800099999/groups', {}],
    ['a list of another tenant', 404, LISTS, { key: GLOBEX_KEY }],
    ['a list for who may only read', 200, LISTS, { key: READONLY_KEY }],
    ['nobody', 401, LISTS, { key: null }],
    ['who takes no JSON', 406, LISTS, { headers: { accept: 'text/html' } }],
    ['another method', 405, LISTS, { method: 'DELETE' }],
  ])('is as Nest would answer it: %s', async (_, status, path, options) => {
    const answer = await answerOf(direct, path, options);
    expect(answer).toMatchObject({ status });
    expect(answer).toEqual(await answerOf(throughNest, path, options));
  });
});
