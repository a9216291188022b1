import { expect, it } from '@jest/globals';
import { StoringShares } from './storing-shares.js';
import { principalOf } from '../../test/support/cams-callers.js';
import { MINUTE_MS } from '../util/durations.js';

/** 64 KiB for each of the 600 requests per minute. */
const SHARE_BYTES = 600 * 64 * 1024;

it('lets each tenant add its share per minute, in proportion to its quota', () => {
  const time = { now: 0 };
  const shares = new StoringShares(() => time.now);
  const [acme, globex] = [principalOf('acme').tenant, principalOf('globex').tenant];
  expect(shares.take(acme, SHARE_BYTES - 1)).toBe(true);
  expect(shares.take(acme, 2)).toBe(false);
  // What was refused is not counted.
  expect(shares.take(acme, 1)).toBe(true);
  expect(shares.take(acme, 1)).toBe(false);
  expect(shares.take(globex, SHARE_BYTES)).toBe(true);
  time.now = MINUTE_MS;
  expect(shares.take(acme, SHARE_BYTES)).toBe(true);
  expect(shares.take(acme, 1)).toBe(false);
});
