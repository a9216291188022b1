import type { FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Media type of the response, if it is not JSON. */
    produces?: string;
  }
}

/** Returns the media types that a route can respond with. Errors are always JSON. */
export function producedTypes({ routeOptions }: FastifyRequest): readonly string[] {
  const { produces } = routeOptions.config;
  return produces === undefined ? ['application/json', 'application/problem+json'] : [produces];
}
