import type { ExecutionContext } from '@nestjs/common';
import { GqlExecutionContext } from '@nestjs/graphql';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from './principal.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set once credentials were verified. */
    principal: Principal | undefined;
  }
}

/** What GraphQL resolvers find as their context. */
export interface GraphqlContext {
  readonly req: FastifyRequest;
  readonly reply: FastifyReply;
}

/** The HTTP request behind a handler, whichever transport it serves. */
export function requestOf(context: ExecutionContext): FastifyRequest {
  return context.getType<'http' | 'graphql'>() === 'graphql'
    ? GqlExecutionContext.create(context).getContext<GraphqlContext>().req
    : context.switchToHttp().getRequest<FastifyRequest>();
}
