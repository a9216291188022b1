import { expect, it } from '@jest/globals';
import { retryAfterSeconds } from './retry-after.js';

it.each<[Record<string, string>, number | undefined]>([
  [{}, undefined],
  [{ 'x-acs-retry-after': '1500' }, 2],
  [{ 'x-acs-retry-after': '0' }, 1],
  [{ 'x-acs-retry-after': '1500', 'retry-after': '60' }, 2],
  [{ 'x-acs-retry-after': 'soon', 'retry-after': '60' }, 60],
  [{ 'retry-after': ' 7 ' }, 7],
  [{ 'retry-after': '-7' }, undefined],
  [{ 'retry-after': '1.5' }, undefined],
  [{ 'retry-after': '999999999999' }, 3_600],
  [{ 'retry-after': '9'.repeat(40) }, undefined],
  [{ 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }, 1],
  [{ 'retry-after': 'tomorrow' }, undefined],
])('reads %j as %p seconds', (headers, seconds) => {
  expect(retryAfterSeconds(headers)).toBe(seconds);
});

it('reads a date as the time that is left until then', () => {
  const inAMinute = new Date(Date.now() + 60_000).toUTCString();
  const seconds = retryAfterSeconds({ 'retry-after': inAMinute });
  expect([59, 60]).toContain(seconds);
});
