import helmet from '@fastify/helmet';
import { fastify } from 'fastify';

/** Injection token of the headers that {@link securityHeaders} computes. */
export const SECURITY_HEADERS = Symbol('SECURITY_HEADERS');

/** Headers that every response has; all others come from helmet. */
const NOT_HELMETS = new Set(['content-length', 'date', 'connection']);

/**
 * Returns the headers that helmet adds to every response. They do not depend on the request, so they are computed once:
 * helmet would build them for each request, at a tenth of the cost of a cached read. Headers that only concern documents
 * are left to `web-ui/page-headers.ts`, as each costs time on every response.
 */
export async function securityHeaders(): Promise<Record<string, string>> {
  const probe = fastify();
  await probe.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
    },
    xFrameOptions: { action: 'deny' },
    crossOriginOpenerPolicy: false,
    crossOriginResourcePolicy: false,
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
  });
  probe.get('/', (_request, reply) => reply.send());
  const { headers } = await probe.inject('/');
  await probe.close();
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      NOT_HELMETS.has(name) || value === undefined ? [] : [[name, String(value)]],
    ),
  );
}
