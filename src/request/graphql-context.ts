import type { FastifyReply, FastifyRequest } from 'fastify';

/** What GraphQL resolvers find as their context. */
export interface GraphqlContext {
  readonly req: FastifyRequest;
  readonly reply: FastifyReply;
}
