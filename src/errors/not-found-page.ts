import type { FastifyReply, FastifyRequest } from 'fastify';

interface Page {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

declare module 'fastify' {
  interface FastifyInstance {
    /** The page for URLs that do not exist, if the gateway serves pages. */
    notFoundPage?: Page;
  }
}

/** Media types of a 404. The first one is the default: for clients that accept anything. */
const TYPES = ['application/json', 'application/problem+json', 'text/html'];

/**
 * Responds with the page if the request comes from a browser: it reads, and prefers HTML to JSON. Returns whether it did.
 * The page says less than the problem document: it is the same for every request.
 */
export function sendNotFoundPage(request: FastifyRequest, reply: FastifyReply): boolean {
  const { notFoundPage } = request.server;
  const reads = request.method === 'GET' || request.method === 'HEAD';
  if (!notFoundPage || !reads || request.accepts().type([...TYPES]) !== 'text/html') return false;
  void reply.code(404).headers(notFoundPage.headers).send(notFoundPage.body);
  return true;
}
