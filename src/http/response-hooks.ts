import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RequestLog } from '../telemetry/request-log.js';

/** What happens to every response: the headers that all have, and the log line. */
export function installResponseHooks(fastify: FastifyInstance, log: RequestLog): void {
  fastify.addHook('onSend', (request, reply, _payload, done) => {
    addHeaders(request, reply);
    done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    log.write(request, reply);
    done();
  });
}

function addHeaders(request: FastifyRequest, reply: FastifyReply): void {
  if (!reply.hasHeader('Cache-Control')) {
    const read = (request.method === 'GET' || request.method === 'HEAD') && reply.statusCode < 400;
    void reply.header('Cache-Control', read ? 'private, no-cache' : 'no-store');
  }
  const { upstreamRequestId, idempotencyReplayed } = request.gateway;
  if (idempotencyReplayed) void reply.header('Idempotency-Replayed', 'true');
  if (upstreamRequestId !== undefined) void reply.header('X-Upstream-Request-Id', upstreamRequestId);
}
