import { MAIN_SCOPES, type Scope, SHORT_SCOPES } from '../data/scopes.js';
import { MAIN_GROUPS } from '../data/upstream.js';
import { type LoadRequest, restList } from '../load/load-request.js';
import { send } from '../load/send.js';
import { isGzip } from './accepts.js';
import { inTurn, type Workload } from './workload.js';

/** The same page for every caller, over REST. */
export const REST_LIST: Workload = {
  ...listOf(MAIN_SCOPES),
  name: 'rest-list',
  title: 'REST list of 20 groups',
  servers: ['gateway', 'stock', 'fastify', 'node:http'],
};

/** The same with short subjects and descriptions, also beside a peer that sends only the fields of the GraphQL list. */
export const REST_LIST_SHORT: Workload = {
  ...listOf(SHORT_SCOPES),
  name: 'rest-list-short',
  title: 'REST list of 20 short groups',
  servers: ['gateway', 'stock', 'fastify', 'fastify-etag', 'fastify-7-fields'],
  fill: (upstream) => upstream.fillShort(),
};

/** The same page, compressed. */
export const REST_LIST_GZIP: Workload = {
  ...listOf(MAIN_SCOPES, { 'accept-encoding': 'gzip' }),
  name: 'rest-list-gzip',
  title: 'REST list of 20 groups, compressed with gzip',
  servers: ['gateway', 'stock', 'fastify-compress'],
  accepts: isGzip,
};

function listOf(scopes: readonly Scope[], headers: LoadRequest['headers'] = {}) {
  return {
    status: 200,
    accepts: (body) => body.includes(`"total":${MAIN_GROUPS}`),
    samples: async (tokens) => scopes.map((scope) => restList(tokens, scope, 20, headers)),
    plan: async ({ tokens }) => inTurn(scopes.map((scope) => restList(tokens, scope, 20, headers))),
  } satisfies Partial<Workload>;
}

/** The same page, which every caller already has. */
export const REST_NOT_MODIFIED: Workload = {
  ...listOf(MAIN_SCOPES),
  name: 'rest-304',
  title: 'REST list not modified (304)',
  servers: ['gateway', 'fastify', 'fastify-etag'],
  status: 304,
  accepts: (body) => body === '',
  async plan({ server, tokens }) {
    const requests = MAIN_SCOPES.map(async (scope) => {
      const { headers } = await send(server.process.url, restList(tokens, scope, 20));
      return restList(tokens, scope, 20, { 'if-none-match': headers.etag ?? '' });
    });
    return inTurn(await Promise.all(requests));
  },
};
