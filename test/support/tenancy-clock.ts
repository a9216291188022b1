import { jest } from '@jest/globals';

/** Stops the wall clock, but not the timers, of the test file. `advance` moves the clock forward. */
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
