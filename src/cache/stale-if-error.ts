import { GatewayError } from '../errors/gateway-error.js';
import type { CachedPage } from './cached-page.js';
import { listFailureOf } from './list-failure.js';
import { type StoredPage, aged } from './stores/page-store.js';

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

/** Includes overload of the gateway. That error is not held: the next reader may get a permit. */
function isExcused(error: unknown): boolean {
  return listFailureOf(error) !== undefined || (error instanceof GatewayError && error.code === 'OVERLOADED');
}
