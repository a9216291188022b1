import { expect, it } from '@jest/globals';
import { Interest } from './interest.js';

/** Work that the test ends. */
function work() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { promise, end: () => resolve() };
}

it('is lost when the request has ended, and says so once', () => {
  const interest = new Interest();
  let times = 0;
  interest.onLost(() => (times += 1));
  const removeListener = interest.onLost(() => (times += 100));
  removeListener();
  expect(interest.isLost).toBe(false);
  interest.requestEnded();
  interest.requestEnded();
  expect([interest.isLost, times]).toEqual([true, 1]);
});

it('says so at once if it is lost already', () => {
  const interest = new Interest();
  interest.requestEnded();
  let times = 0;
  interest.onLost(() => (times += 1));
  expect(times).toBe(1);
});

it('is kept by a write that was sent', () => {
  const interest = new Interest();
  interest.keep();
  interest.requestEnded();
  expect(interest.isLost).toBe(false);
});

it('lasts until a part of its work has ended that later requests need', async () => {
  for (const outcome of ['resolve', 'reject'] as const) {
    const interest = new Interest();
    const { promise, ...ends } = Promise.withResolvers<void>();
    interest.keepUntil(promise);
    interest.requestEnded();
    expect(interest.isLost).toBe(false);
    ends[outcome]();
    await Promise.allSettled([promise]);
    expect(interest.isLost).toBe(true);
  }
});

it('lasts while another request waits for its work', async () => {
  const leader = new Interest();
  const reader = new Interest();
  const list = work();
  leader.sharedWith(reader, list.promise);
  leader.requestEnded();
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
    one.requestEnded();
  }
  expect(leader.isLost).toBe(true);
});

it('does not last because of itself, or of one that has left already', () => {
  const leader = new Interest();
  const left = new Interest();
  left.requestEnded();
  leader.sharedWith(leader, work().promise);
  leader.sharedWith(left, work().promise);
  leader.requestEnded();
  expect(leader.isLost).toBe(true);
});

it('lasts while one waits that waits for another', () => {
  const leader = new Interest();
  const reader = new Interest();
  const last = new Interest();
  leader.sharedWith(reader, work().promise);
  reader.sharedWith(last, work().promise);
  leader.requestEnded();
  reader.requestEnded();
  expect(leader.isLost).toBe(false);
  last.requestEnded();
  expect(leader.isLost).toBe(true);
});
