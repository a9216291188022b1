import { jest } from '@jest/globals';

/** Stops the wall clock of the test file and leaves its timers alone; `advance` moves it on. */
export function stopClock(): { advance: (ms: number) => void } {
  jest.useFakeTimers({
    doNotFake: [
      'hrtime',
      'nextTick',
      'performance',
      'queueMicrotask',
      'setImmediate',
      'clearImmediate',
      'setInterval',
      'clearInterval',
      'setTimeout',
      'clearTimeout',
    ],
  });
  return { advance: (ms) => jest.setSystemTime(Date.now() + ms) };
}

export function startClock(): void {
  jest.useRealTimers();
}
