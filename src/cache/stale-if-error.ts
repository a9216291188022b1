import { GatewayError } from '../errors/gateway-error.js';
import type { CachedPage } from './cached-page.js';
import type { StoredPage } from './stores/page-store.js';

/** Returns the page to serve when listing fails; `undefined` if it cannot be trusted. */
export type StalePage = () => CachedPage<unknown> | undefined;

/** Parses the page lazily, with its age at that time: most lists succeed. */
export function openedLater(
  stored: StoredPage,
  open: (page: StoredPage) => CachedPage<unknown> | undefined,
): StalePage {
  const foundAtMs = performance.now();
  let opened: { readonly page: CachedPage<unknown> | undefined } | undefined;
  return () => (opened ??= { page: open(aged(stored, performance.now() - foundAtMs)) }).page;
}

/** Falls back to the stale page if the upstream is unavailable, never if it refused the request. */
export async function orStalePage(
  answer: Promise<CachedPage<unknown>>,
  stalePage: StalePage,
): Promise<CachedPage<unknown>> {
  try {
    return await answer;
  } catch (error) {
    const page = isExcused(error) ? stalePage() : undefined;
    if (!page) throw error;
    return { ...page, stale: true };
  }
}

/** Refuses a read of a page whose list failed a moment ago. */
export function failFast(): Promise<never> {
  const detail = 'A recent CAMS request for this page failed. Retry later.';
  return Promise.reject(new GatewayError('UPSTREAM_UNAVAILABLE', detail, { retryAfterSeconds: 1 }));
}

/** Returns whether the upstream failed to respond. A refusal is a response. */
export function isUpstreamFailure(error: unknown): boolean {
  return (
    error instanceof GatewayError &&
    ['UPSTREAM_UNAVAILABLE', 'UPSTREAM_TIMEOUT', 'UPSTREAM_THROTTLED'].includes(error.code)
  );
}

/** Includes overload of the gateway. That error is not held: the next reader may get a permit. */
function isExcused(error: unknown): boolean {
  return isUpstreamFailure(error) || (error instanceof GatewayError && error.code === 'OVERLOADED');
}

function aged(page: StoredPage, ms: number): StoredPage {
  return { ...page, ageMs: page.ageMs + ms, freshForMs: page.freshForMs - ms };
}
