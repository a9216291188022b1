import type { FastifyInstance, FastifyRequest } from 'fastify';
import { GatewayError } from '../errors/gateway-error.js';
import { isGraphql, pathOf } from '../request/request-path.js';

/** Methods of `/graphql`, which has one route for all of them. */
export const GRAPHQL_METHODS: readonly string[] = ['GET', 'POST'];

/**
 * Records every route, to distinguish a wrong method (405 with `Allow`) from an unknown path (404). It must be created
 * before the routes.
 */
export class RouteTable {
  readonly #methods = new Map<string, { readonly path: RegExp; readonly methods: Set<string> }>();

  constructor(fastify: FastifyInstance) {
    fastify.addHook('onRoute', ({ url, method }) => {
      // A wildcard matches everything, so every unknown path would seem to be known.
      if (url.includes('*')) return;
      const route = this.#methods.get(url) ?? { path: pattern(url), methods: new Set<string>() };
      for (const name of [method].flat()) route.methods.add(name);
      this.#methods.set(url, route);
    });
  }

  /** Throws `METHOD_NOT_ALLOWED` if the path only supports other methods. Unknown paths are left to Nest. */
  refuseOtherMethods(request: FastifyRequest): void {
    const allow = isGraphql(request) ? GRAPHQL_METHODS : this.allowed(pathOf(request));
    if (allow.length > 0) throw methodNotAllowed(request, allow);
  }

  /** Returns the methods that the path supports; empty if the path is unknown. */
  allowed(path: string): readonly string[] {
    const methods = [...this.#methods.values()]
      .filter((route) => route.path.test(path))
      .flatMap((r) => [...r.methods]);
    return [...new Set(methods)].filter((method) => method !== 'OPTIONS').toSorted();
  }
}

function methodNotAllowed({ method }: FastifyRequest, allow: readonly string[]): GatewayError {
  return new GatewayError('METHOD_NOT_ALLOWED', `This path does not support ${method}.`, { allow });
}

function pattern(url: string): RegExp {
  const segments = url
    .split('/')
    .map((segment) =>
      segment.startsWith(':') ? '[^/]+' : segment.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`),
    );
  return new RegExp(`^${segments.join('/')}$`);
}
