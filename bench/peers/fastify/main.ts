// Fastify that stringifies a page per request and does nothing else: no tokens, no cache, no upstream. Its entity tag is a
// constant, so it shows the minimum cost of a 304.
import Fastify from 'fastify';
import { serveLists } from './lists.js';

const ETAG = '"aGVsbG8gYmVuY2htYXJrIQ"';

const app = Fastify();
app.addHook('onRequest', (request, reply, done) => {
  void reply.header('etag', ETAG);
  if (request.headers['if-none-match'] !== ETAG) return done();
  void reply.code(304).send();
});
serveLists(app);
process.stdout.write(`Listening ${await app.listen({ host: '127.0.0.1', port: 0 })}\n`);
