import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Interest } from '../request/interest.js';
import { TickBatcher, SharedPauses, TrailingCoalescer } from './coalescing.js';

/** Runs that the test ends explicitly. Each is named after the caller that started it. */
function runs() {
  const started: string[] = [];
  const ends: PromiseWithResolvers<string>[] = [];
  const start = (name: string) => (): Promise<string> => {
    started.push(name);
    const end = Promise.withResolvers<string>();
    ends.push(end);
    return end.promise;
  };
  return { started, ends, start };
}

describe('TrailingCoalescer', () => {
  it('shares the next run, never the one in flight', async () => {
    const trailing = new TrailingCoalescer<string>();
    const { started, ends, start } = runs();
    const a = trailing.run('k', new Interest(), start('a'));
    const b = trailing.run('k', new Interest(), start('b'));
    const c = trailing.run('k', new Interest(), start('c'));
    await turn();
    expect(started).toEqual(['a']);
    ends[0]?.resolve('first');
    await turn();
    // The latest caller has the most time left.
    expect(started).toEqual(['a', 'c']);
    const d = trailing.run('k', new Interest(), start('d'));
    ends[1]?.resolve('second');
    await turn();
    ends[2]?.resolve('third');
    expect(await Promise.all([a, b, c, d])).toEqual(['first', 'second', 'second', 'third']);
    expect(started).toEqual(['a', 'c', 'd']);
  });

  it('starts the next run for a caller that has not left, and ends it when all have', async () => {
    const trailing = new TrailingCoalescer<string>();
    const { started, ends, start } = runs();
    const interests = [new Interest(), new Interest(), new Interest()] as const;
    const [b, c, d] = interests;
    void trailing.run('k', new Interest(), start('a'));
    void trailing.run('k', b, start('b'));
    void trailing.run('k', c, start('c'));
    void trailing.run('k', d, start('d'));
    d.requestEnded();
    ends[0]?.resolve('first');
    await turn();
    expect(started).toEqual(['a', 'c']);
    c.requestEnded();
    expect(c.isLost).toBe(false);
    b.requestEnded();
    expect(c.isLost).toBe(true);
  });

  it('starts the next run after one that failed', async () => {
    const trailing = new TrailingCoalescer<string>();
    const { ends, start } = runs();
    const a = trailing.run('k', new Interest(), start('a')).catch(() => 'failed');
    const b = trailing.run('k', new Interest(), start('b'));
    ends[0]?.reject(new Error('no'));
    await turn();
    ends[1]?.resolve('second');
    expect(await Promise.all([a, b])).toEqual(['failed', 'second']);
  });

  it('starts at once for another key and after all runs have ended', async () => {
    const trailing = new TrailingCoalescer<string>();
    const { started, ends, start } = runs();
    const a = trailing.run('k', new Interest(), start('a'));
    void trailing.run('other', new Interest(), start('b'));
    expect(started).toEqual(['a', 'b']);
    ends[0]?.resolve('done');
    await a;
    await turn();
    void trailing.run('k', new Interest(), start('c'));
    expect(started).toEqual(['a', 'b', 'c']);
  });
});

describe('TickBatcher', () => {
  it('shares a call with callers that arrive before it is sent, not with later ones', async () => {
    const shared = new TickBatcher<string>();
    const { started, ends, start } = runs();
    const a = shared.call('k', start('a'));
    const b = shared.call('k', start('b'));
    expect(started).toEqual([]);
    await turn();
    expect(started).toEqual(['a']);
    const c = shared.call('k', start('c'));
    await turn();
    expect(started).toEqual(['a', 'c']);
    ends[0]?.resolve('first');
    ends[1]?.resolve('second');
    expect(await Promise.all([a, b, c])).toEqual(['first', 'first', 'second']);
  });
});

describe('SharedPauses', () => {
  it('wakes all waiters of a key at once', async () => {
    const pauses: PromiseWithResolvers<void>[] = [];
    const shared = new SharedPauses(() => {
      const pause = Promise.withResolvers<void>();
      pauses.push(pause);
      return pause.promise;
    });
    const both = Promise.all([shared.wait('k', 10), shared.wait('k', 20)]);
    expect(pauses).toHaveLength(1);
    pauses[0]?.resolve();
    await both;
    void shared.wait('k', 10);
    expect(pauses).toHaveLength(2);
  });
});
