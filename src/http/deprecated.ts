import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiOperation } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Response headers of a deprecated route. */
    deprecation?: Readonly<Record<string, string>>;
  }
}

interface Deprecation {
  /** Time from which the route is deprecated. */
  readonly since: Date;
  /** Earliest time at which the route may stop working. */
  readonly sunset: Date;
}

/**
 * Marks a REST handler as deprecated, in its responses and in `openapi.json`. No handler is deprecated at the
 * moment; docs/versioning.md promises how it is announced. Sources: RFC 9745, RFC 8594.
 */
export function Deprecated({ since, sunset }: Deprecation): MethodDecorator {
  const deprecation = {
    Deprecation: `@${Math.floor(since.getTime() / 1000)}`,
    Sunset: sunset.toUTCString(),
  };
  return applyDecorators(
    RouteConfig({ deprecation }),
    // Without the summary, whose default is an empty one, it is merged with what others declare.
    ApiOperation({ deprecated: true, summary: undefined }),
  );
}

/** Adds the headers to every response of a deprecated route, errors included. Must run before the routes exist. */
export function announceDeprecations(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    const deprecation = route.config?.deprecation;
    if (!deprecation) return;
    const others = [route.onSend ?? []].flat();
    route.onSend = [
      (_request, reply, payload, done) => {
        void reply.headers(deprecation);
        done(null, payload);
      },
      ...others,
    ];
  });
}
