declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the route requires no credentials. */
    public?: boolean;
  }
}

/** Options of a route that requires no credentials. */
export const PUBLIC_ROUTE = { config: { public: true } } as const;
