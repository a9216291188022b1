import { describe, expect, it } from '@jest/globals';
import { type Step, compose } from './write.js';

type Names = readonly string[];

/** A step that records when it acts, and adds its name to the write. */
function step(name: string, calls: string[]): Step<Names, string> {
  return {
    execute: async (write, next) => {
      calls.push(`${name} before`);
      try {
        return `${name}(${await next([...write, name])})`;
      } finally {
        calls.push(`${name} after`);
      }
    },
  };
}

describe('compose', () => {
  it('runs each step within the one before it, and the last function within all of them', async () => {
    const calls: string[] = [];
    const run = compose([step('a', calls), step('b', calls)], async (write: Names) => {
      calls.push('last');
      return write.join();
    });
    expect(await run(['start'])).toBe('a(b(start,a,b))');
    expect(calls).toEqual(['a before', 'b before', 'last', 'b after', 'a after']);
  });

  it('rejects with the error of a step that stops the rest', async () => {
    const calls: string[] = [];
    const stop: Step<Names, string> = { execute: () => Promise.reject(new Error('stopped')) };
    const run = compose([step('a', calls), stop, step('b', calls)], async () => 'last');
    await expect(run([])).rejects.toThrow('stopped');
    expect(calls).toEqual(['a before', 'a after']);
  });

  it('accepts an empty list of steps', async () => {
    expect(await compose([], async (write: number) => write + 1)(1)).toBe(2);
  });
});
