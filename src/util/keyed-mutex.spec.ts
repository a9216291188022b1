import { describe, expect, it } from '@jest/globals';
import { KeyedMutex } from './keyed-mutex.js';

const tooLate = (): Error => new Error('too late');
const gate = (): { promise: Promise<void>; resolve: () => void } => Promise.withResolvers<void>();

describe('tasks', () => {
  it('with the same key run one after the other, in order', async () => {
    const mutex = new KeyedMutex();
    const seen: string[] = [];
    const gates = [gate(), gate(), gate()];
    const runs = gates.map(({ promise }, index) =>
      mutex.run('a', 1_000, tooLate, async () => {
        seen.push(`start ${index}`);
        await promise;
        seen.push(`end ${index}`);
      }),
    );
    for (const { resolve } of gates.toReversed()) resolve();
    await Promise.all(runs);
    expect(seen).toEqual(['start 0', 'end 0', 'start 1', 'end 1', 'start 2', 'end 2']);
  });

  it('with different keys do not wait for each other', async () => {
    const mutex = new KeyedMutex();
    const { promise, resolve } = gate();
    const first = mutex.run('a', 1_000, tooLate, () => promise);
    await expect(mutex.run('b', 0, tooLate, async () => 'done')).resolves.toBe('done');
    resolve();
    await first;
  });

  it('release the lock when they fail', async () => {
    const mutex = new KeyedMutex();
    const failed = mutex.run('a', 1_000, tooLate, () => Promise.reject(new Error('failed')));
    const next = mutex.run('a', 1_000, tooLate, async () => 'done');
    await expect(failed).rejects.toThrow('failed');
    await expect(next).resolves.toBe('done');
  });

  it('that waited too long never run, and do not let a successor start before their predecessor has ended', async () => {
    const mutex = new KeyedMutex();
    const { promise, resolve } = gate();
    const seen: string[] = [];
    const first = mutex.run('a', 1_000, tooLate, async () => {
      await promise;
      seen.push('first');
    });
    const late = mutex.run('a', 1, tooLate, async () => {
      seen.push('late');
    });
    const third = mutex.run('a', 1_000, tooLate, async () => {
      seen.push('third');
    });
    await expect(late).rejects.toThrow('too late');
    expect(seen).toEqual([]);
    resolve();
    await Promise.all([first, third]);
    expect(seen).toEqual(['first', 'third']);
  });
});
