import type { RequestContext } from '../request/request-context.js';
import { inSpan, isTracing } from '../tracing/tracing.js';
import type { CachedPage } from './cached-page.js';

/** Reads a page in a span that says where it came from. */
export function inReadSpan<T>(
  request: RequestContext,
  read: () => Promise<CachedPage<T>>,
): Promise<CachedPage<T>> {
  if (!isTracing()) return read();
  return inSpan('cache read', request, async (span) => {
    const page = await read();
    span?.setAttribute('cache.outcome', page.stale ? 'stale' : page.outcome);
    return page;
  });
}
