import { expect, it } from '@jest/globals';
import { Interest } from './interest.js';

/** Work that the test ends. */
function work() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { promise, end: () => resolve() };
}

it('is lost when the client leaves, and says so once', () => {
  const interest = new Interest();
  let times = 0;
  interest.onLost(() => (times += 1));
  const removeListener = interest.onLost(() => (times += 100));
  removeListener();
  expect(interest.isLost).toBe(false);
  interest.clientLeft();
  interest.clientLeft();
  expect([interest.isLost, times]).toEqual([true, 1]);
});

it('says so at once if it is lost already', () => {
  const interest = new Interest();
  interest.clientLeft();
  let times = 0;
  interest.onLost(() => (times += 1));
  expect(times).toBe(1);
});

it('is kept by a write that was sent', () => {
  const interest = new Interest();
  interest.keep();
  interest.clientLeft();
  expect(interest.isLost).toBe(false);
});

it('lasts while another request waits for its work', async () => {
  const leader = new Interest();
  const reader = new Interest();
  const list = work();
  leader.sharedWith(reader, list.promise);
  leader.clientLeft();
  expect(leader.isLost).toBe(false);
  list.end();
  await list.promise;
  expect([leader.isLost, reader.isLost]).toEqual([true, false]);
});

it('is lost with the last of all that wait', () => {
  const leader = new Interest();
  const readers = [new Interest(), new Interest()];
  for (const reader of readers) leader.sharedWith(reader, work().promise);
  for (const one of [leader, ...readers]) {
    expect(leader.isLost).toBe(false);
    one.clientLeft();
  }
  expect(leader.isLost).toBe(true);
});

it('does not last because of itself, or of one that has left already', () => {
  const leader = new Interest();
  const left = new Interest();
  left.clientLeft();
  leader.sharedWith(leader, work().promise);
  leader.sharedWith(left, work().promise);
  leader.clientLeft();
  expect(leader.isLost).toBe(true);
});

it('lasts while one waits that waits for another', () => {
  const leader = new Interest();
  const reader = new Interest();
  const last = new Interest();
  leader.sharedWith(reader, work().promise);
  reader.sharedWith(last, work().promise);
  leader.clientLeft();
  reader.clientLeft();
  expect(leader.isLost).toBe(false);
  last.clientLeft();
  expect(leader.isLost).toBe(true);
});
