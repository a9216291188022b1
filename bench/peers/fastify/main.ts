// Fastify that stringifies a page on each request, and nothing else: no tokens, no cache, no upstream.
import Fastify from 'fastify';
import { groupsOfTheBench } from '../groups-in-memory.js';
import { restPage } from '../rest-page.js';

interface List {
  readonly Params: { readonly custSpaceId: string; readonly businessNumber: string };
  readonly Querystring: { readonly page?: string; readonly size?: string };
}

const ETAG = '"aGVsbG8gYmVuY2htYXJrIQ"';

const groups = groupsOfTheBench();
const app = Fastify();
app.get<List>('/v1/spaces/:custSpaceId/numbers/:businessNumber/groups', (request, reply) => {
  void reply.header('etag', ETAG);
  if (request.headers['if-none-match'] === ETAG) return reply.code(304).send();
  const { custSpaceId, businessNumber } = request.params;
  const { page = '1', size = '20' } = request.query;
  return reply.send(restPage(groups.list(custSpaceId, businessNumber), Number(page), Number(size)));
});
process.stdout.write(`Listening ${await app.listen({ host: '127.0.0.1', port: 0 })}\n`);
