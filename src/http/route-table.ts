import type { FastifyInstance } from 'fastify';

/** Knows every route, to tell a wrong method (405, with `Allow`) from an unknown path (404). */
export class RouteTable {
  readonly #methods = new Map<string, { readonly path: RegExp; readonly methods: Set<string> }>();

  constructor(fastify: FastifyInstance) {
    fastify.addHook('onRoute', ({ url, method }) => {
      // A wildcard serves whatever is asked, and would make every unknown path look known.
      if (url.includes('*')) return;
      const route = this.#methods.get(url) ?? { path: pattern(url), methods: new Set<string>() };
      for (const name of [method].flat()) route.methods.add(name);
      this.#methods.set(url, route);
    });
  }

  /** Methods that the path is served for; none: the path is unknown. */
  allowed(path: string): readonly string[] {
    const methods = [...this.#methods.values()]
      .filter((route) => route.path.test(path))
      .flatMap((r) => [...r.methods]);
    return [...new Set(methods)].filter((method) => method !== 'OPTIONS').toSorted();
  }
}

function pattern(url: string): RegExp {
  const segments = url
    .split('/')
    .map((segment) =>
      segment.startsWith(':') ? '[^/]+' : segment.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`),
    );
  return new RegExp(`^${segments.join('/')}$`);
}
