import { PUBLIC_ROUTE } from '../request/public-route.js';

/** Options of every page route: public, and supports HEAD like GET. */
export const PAGE_ROUTE = { ...PUBLIC_ROUTE, exposeHeadRoute: true } as const;

type Directives = Readonly<Record<string, string>>;

/** Returns the headers of a page. It may only load what `directives` allow and must not be framed. */
export function pageHeaders(directives: Directives): Record<string, string> {
  return {
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-cache',
    ...securityHeaders(directives),
  };
}

export function securityHeaders(directives: Directives): Record<string, string> {
  const policy = {
    'default-src': "'none'",
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
    ...directives,
  };
  return {
    'Content-Security-Policy': Object.entries(policy)
      .map(([name, sources]) => `${name} ${sources}`)
      .join('; '),
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Origin-Agent-Cluster': '?1',
    'X-DNS-Prefetch-Control': 'off',
    'X-Download-Options': 'noopen',
    'X-Permitted-Cross-Domain-Policies': 'none',
    'X-XSS-Protection': '0',
  };
}
