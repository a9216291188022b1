declare module 'fastify' {
  interface FastifyContextConfig {
    /** Served to everybody, without credentials. */
    public?: boolean;
  }
}

/** Options of a route that is served without credentials. */
export const PUBLIC_ROUTE = { config: { public: true } } as const;
