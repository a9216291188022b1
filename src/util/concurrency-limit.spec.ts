import { describe, expect, it } from '@jest/globals';
import { ConcurrencyLimit } from './concurrency-limit.js';

describe('a concurrency limit', () => {
  it('runs so many tasks at once, and the others in order, also after a failure', async () => {
    const limit = new ConcurrencyLimit(2);
    const started: number[] = [];
    const tasks = [0, 1, 2, 3].map(() => Promise.withResolvers<void>());
    const results = Promise.allSettled(
      tasks.map(({ promise }, index) =>
        limit.run(async () => {
          started.push(index);
          await promise;
          return index;
        }),
      ),
    );
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    await turn();
    expect(started).toEqual([0, 1]);
    tasks[1]?.reject(new Error('failed'));
    await turn();
    expect(started).toEqual([0, 1, 2]);
    for (const task of tasks) task.resolve();
    expect((await results).map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect(started).toEqual([0, 1, 2, 3]);
  });
});
