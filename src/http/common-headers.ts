import type { FastifyReply, FastifyRequest } from 'fastify';

/** Adds the headers that every response has, before anything else runs. */
export function addFirstHeaders(
  { gateway }: FastifyRequest,
  reply: FastifyReply,
  securityHeaders: Readonly<Record<string, string>>,
): void {
  void reply.headers(securityHeaders).header('X-Request-Id', gateway.requestId);
  if (gateway.callerRequestId !== undefined)
    void reply.header('X-Caller-Request-Id', gateway.callerRequestId);
}

/** Adds the headers that depend on the outcome. */
export function addLastHeaders(request: FastifyRequest, reply: FastifyReply): void {
  if (!reply.hasHeader('Cache-Control')) {
    const read = (request.method === 'GET' || request.method === 'HEAD') && reply.statusCode < 400;
    void reply.header('Cache-Control', read ? 'private, no-cache' : 'no-store');
  }
  const { upstreamRequestId, idempotencyReplayed, rateLimit } = request.gateway;
  if (rateLimit) {
    for (const [name, value] of Object.entries(rateLimit))
      void reply.header(name, [reply.getHeader(name), value].filter(Boolean).join(', '));
  }
  if (idempotencyReplayed) void reply.header('Idempotency-Replayed', 'true');
  if (upstreamRequestId !== undefined) void reply.header('X-Upstream-Request-Id', upstreamRequestId);
}
