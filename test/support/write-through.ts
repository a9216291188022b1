import type { PageCache } from '../../src/cache/page-cache.js';
import type { CoherenceLevel } from '../../src/cache/write-intent.js';
import type { TenantScope } from '../../src/tenancy/tenant-scope.js';

/** Runs one write of the scope in the order of the pipeline. `send` must call `begin` right before it sends. */
export async function writeThrough<T>(
  cache: PageCache,
  scope: TenantScope,
  send: (begin: () => Promise<void>) => Promise<T>,
): Promise<{ readonly value: T; readonly coherence: CoherenceLevel }> {
  const intent = cache.openWrite(scope);
  let value: T;
  try {
    value = await send(() => intent.begin());
  } catch (error) {
    await intent.fail(error);
    throw error;
  }
  return { value, coherence: await intent.end() };
}
