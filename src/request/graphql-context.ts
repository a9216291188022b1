import type { FastifyReply, FastifyRequest } from 'fastify';

/** The context of GraphQL resolvers. */
export interface GraphqlContext {
  readonly req: FastifyRequest;
  readonly reply: FastifyReply;
}
