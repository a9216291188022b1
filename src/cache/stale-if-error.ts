import { GatewayError } from '../errors/gateway-error.js';
import type { CachedPage } from './cached-page.js';
import type { StoredPage } from './stores/page-store.js';

/** The page that may be the answer where a list fails; `undefined` if it is not to be trusted. */
export type StalePage = () => CachedPage<unknown> | undefined;

/** Opens the page only when it is wanted, as old as it is by then: most lists succeed. */
export function openedLater(
  stored: StoredPage,
  open: (page: StoredPage) => CachedPage<unknown> | undefined,
): StalePage {
  const foundAtMs = performance.now();
  let opened: { readonly page: CachedPage<unknown> | undefined } | undefined;
  return () => (opened ??= { page: open(aged(stored, performance.now() - foundAtMs)) }).page;
}

/** The page that was found may stand in where the upstream could not answer, never over a refusal. */
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

/** Whether the upstream could not answer; it did where it refused. */
export function isUpstreamFailure(error: unknown): boolean {
  return (
    error instanceof GatewayError &&
    ['UPSTREAM_UNAVAILABLE', 'UPSTREAM_TIMEOUT', 'UPSTREAM_THROTTLED'].includes(error.code)
  );
}

/** Also where our own limits kept the list from being sent; the next reader may have more luck, so it is not held. */
function isExcused(error: unknown): boolean {
  return isUpstreamFailure(error) || (error instanceof GatewayError && error.code === 'OVERLOADED');
}

function aged(page: StoredPage, ms: number): StoredPage {
  return { ...page, ageMs: page.ageMs + ms, freshForMs: page.freshForMs - ms };
}
