import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isGraphql } from '../request/request-path.js';
import type { LoadShedding } from '../telemetry/load-shedding.js';

/** Refuses writes over REST while the gateway is overloaded, before their bodies are read. */
export function shedWrites(fastify: FastifyInstance, shedding: LoadShedding): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (isWrite(request)) shedding.admit(request.gateway);
    done();
  });
}

// Whether GraphQL writes is known later.
function isWrite(request: FastifyRequest): boolean {
  const { method } = request;
  return method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS' && !isGraphql(request);
}
