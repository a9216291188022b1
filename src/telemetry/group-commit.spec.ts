import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { GroupCommit } from './group-commit.js';

const WAIT_MS = 2_000;
const MAX_LINES = 5;

/** All commits so far; the test ends each of them. */
let commits: { readonly lines: string; readonly done: () => void; readonly fail: (error: Error) => void }[];
let group: GroupCommit;

beforeEach(() => {
  jest.useFakeTimers();
  commits = [];
  const commit = (lines: string): Promise<void> =>
    new Promise((done, fail) => commits.push({ lines, done, fail }));
  group = new GroupCommit(commit, { waitMs: WAIT_MS, maxLines: MAX_LINES });
});
afterEach(() => {
  jest.useRealTimers();
});

/** The current status of a line. */
async function now(line: Promise<void>): Promise<string> {
  const ended = line.then(
    () => 'committed',
    (error: Error) => error.message,
  );
  await jest.advanceTimersByTimeAsync(0);
  return Promise.race([ended, Promise.resolve('waiting')]);
}

describe('lines that arrive together', () => {
  it('share the commit after the one in progress, in order of arrival', async () => {
    const first = group.add('a');
    const others = ['b', 'c', 'd'].map(async (line) => group.add(line));
    commits[0]?.done();
    await first;
    commits[1]?.done();
    await Promise.all(others);
    expect(commits.map(({ lines }) => lines)).toEqual(['a', 'bcd']);
  });

  it('are not confirmed before their own commit is done', async () => {
    void group.add('a');
    const second = group.add('b');
    commits[0]?.done();
    expect(await now(second)).toBe('waiting');
    commits[1]?.done();
    expect(await now(second)).toBe('committed');
  });

  it('fail with their commit but do not affect the next one', async () => {
    const first = group.add('a');
    const second = group.add('b');
    commits[0]?.fail(new Error('disk is full'));
    expect(await now(first)).toBe('disk is full');
    commits[1]?.done();
    expect(await now(second)).toBe('committed');
  });

  it('are all committed when the group is idle', async () => {
    void group.add('a');
    void group.add('b');
    const idle = group.idle();
    commits[0]?.done();
    expect(await now(idle)).toBe('waiting');
    commits[1]?.done();
    expect(await now(idle)).toBe('committed');
    await group.idle();
  });
});

describe('a commit that hangs', () => {
  it('makes lines wait until the timeout, but not lines added later', async () => {
    const first = now(group.add('a'));
    await jest.advanceTimersByTimeAsync(WAIT_MS + 1);
    expect(await first).toBe('waiting');
    const late = group.add('b');
    expect(await now(late)).toBe('not committed within 0 ms');
  });

  it('times out after exactly the configured time', async () => {
    const line = group.add('a');
    const given = line.catch((error: Error) => error.message);
    await jest.advanceTimersByTimeAsync(WAIT_MS - 1);
    expect(await now(line)).toBe('waiting');
    await jest.advanceTimersByTimeAsync(1);
    expect(await given).toBe('not committed within 2000 ms');
  });

  it('does not lose lines that timed out: they are committed when it ends', async () => {
    const given = Promise.allSettled([group.add('a'), group.add('b')]);
    await jest.advanceTimersByTimeAsync(WAIT_MS);
    await given;
    commits[0]?.done();
    await jest.advanceTimersByTimeAsync(0);
    expect(commits.map(({ lines }) => lines)).toEqual(['a', 'b']);
  });

  it('limits the number of waiting lines', async () => {
    const lines = Array.from({ length: MAX_LINES + 1 }, async () => group.add('x'));
    void Promise.allSettled(lines);
    await expect(group.add('y')).rejects.toThrow(`${MAX_LINES} lines are already waiting`);
  });
});
