import { describe, expect, it } from '@jest/globals';
import { Turns } from './turns.js';

/** Runs pieces of work that take this long, for one tenant each, and returns what happened in which order. */
async function events(durationsMs: readonly number[], tenants: readonly string[] = []): Promise<string[]> {
  let nowMs = 0;
  const seen: string[] = [];
  const turns = new Turns(
    () => nowMs,
    async () => {
      seen.push('others');
    },
  );
  await Promise.all(
    durationsMs.map(async (durationMs, index) => {
      await turns.next(tenants[index] ?? 'acme');
      // What is on the way from a turn to its work.
      await Promise.resolve().then(() => undefined);
      seen.push(`work ${index}`);
      nowMs += durationMs;
    }),
  );
  return seen;
}

describe('turns', () => {
  it('let others run before each long work', async () => {
    expect(await events([8, 8, 8])).toEqual(['others', 'work 0', 'others', 'work 1', 'others', 'work 2']);
  });

  it('rotate between tenants', async () => {
    const order = await events([8, 8, 8, 8], ['acme', 'acme', 'acme', 'globex']);
    expect(order.filter((event) => event !== 'others')).toEqual(['work 0', 'work 3', 'work 1', 'work 2']);
  });

  it('let several short ones share the time of one', async () => {
    expect(await events([0.8, 0.8, 0.8, 0.8])).toEqual([
      'others',
      'work 0',
      'work 1',
      'work 2',
      'others',
      'work 3',
    ]);
  });
});
