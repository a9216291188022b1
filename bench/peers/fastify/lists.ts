import type { FastifyInstance } from 'fastify';
import type { Group } from '../group.js';
import { loadGroups } from '../groups-in-memory.js';
import { restPage } from '../rest-page.js';

interface List {
  readonly Params: { readonly custSpaceId: string; readonly businessNumber: string };
  readonly Querystring: { readonly page?: string; readonly size?: string };
}

/** Serves REST lists; builds and stringifies the page for each request. `select` picks the fields, once at the start. */
export function serveLists(app: FastifyInstance, select: (group: Group) => object = (group) => group): void {
  const groups = loadGroups(select);
  app.get<List>('/v1/spaces/:custSpaceId/numbers/:businessNumber/groups', (request, reply) => {
    const { custSpaceId, businessNumber } = request.params;
    const { page = '1', size = '20' } = request.query;
    return reply.send(restPage(groups.list(custSpaceId, businessNumber), Number(page), Number(size)));
  });
}
