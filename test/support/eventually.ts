import { setTimeout as sleep } from 'node:timers/promises';

const INTERVAL_MS = 50;
const LIMIT_MS = 30_000;

/** Polls until the result is not `undefined`. Throws after {@link LIMIT_MS}. */
export async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (const end = performance.now() + LIMIT_MS; performance.now() < end; await sleep(INTERVAL_MS)) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error('The condition was not met in time.');
}
