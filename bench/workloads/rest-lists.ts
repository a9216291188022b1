import { MAIN_SCOPES } from '../data/scopes.js';
import { MAIN_GROUPS } from '../data/upstream.js';
import { restList } from '../load/load-request.js';
import { send } from '../load/send.js';
import { inTurn, type Workload } from './workload.js';

/** The same page for every caller, over REST. */
export const REST_LIST: Workload = {
  name: 'rest-list',
  title: 'REST list of 20 groups',
  servers: ['gateway', 'stock', 'fastify', 'node:http'],
  status: 200,
  accepts: (body) => body.includes(`"total":${MAIN_GROUPS}`),
  samples: async (tokens) => MAIN_SCOPES.map((scope) => restList(tokens, scope, 20)),
  plan: async ({ tokens }) => inTurn(MAIN_SCOPES.map((scope) => restList(tokens, scope, 20))),
};

/** The same page, which every caller already has. */
export const REST_NOT_MODIFIED: Workload = {
  name: 'rest-304',
  title: 'REST list not modified (304)',
  servers: ['gateway', 'fastify', 'fastify-etag'],
  status: 304,
  accepts: (body) => body === '',
  samples: async (tokens) => MAIN_SCOPES.map((scope) => restList(tokens, scope, 20)),
  async plan({ server, tokens }) {
    const requests = MAIN_SCOPES.map(async (scope) => {
      const { headers } = await send(server.process.url, restList(tokens, scope, 20));
      return restList(tokens, scope, 20, { 'if-none-match': headers.etag ?? '' });
    });
    return inTurn(await Promise.all(requests));
  },
};
