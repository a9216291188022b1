import { setTimeout as sleep } from 'node:timers/promises';

const INTERVAL_MS = 50;
const LIMIT_MS = 30_000;

/** Polls until the result is not `undefined`. Throws after this time. */
export async function eventually<T>(look: () => Promise<T | undefined>, limitMs = LIMIT_MS): Promise<T> {
  for (const end = performance.now() + limitMs; performance.now() < end; await sleep(INTERVAL_MS)) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error('The condition was not met in time.');
}
