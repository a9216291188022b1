import { DAY_MS, HOUR_MS, MINUTE_MS } from '../util/durations.js';

/** Smaller differences are the precision of the `Date` header, and the way through the network. */
const NOTICEABLE_MS = MINUTE_MS;

/**
 * Describes by how much this machine's clock is off, as a sentence without a full stop; `undefined` if that is less than a
 * minute. `offsetMs`: by how much CAMS' clock is ahead.
 */
export function clockSkew(offsetMs: number | undefined): string | undefined {
  if (offsetMs === undefined || Math.abs(offsetMs) < NOTICEABLE_MS) return undefined;
  return `This machine's clock is ${duration(Math.abs(offsetMs))} ${offsetMs > 0 ? 'behind' : 'ahead of'} CAMS`;
}

function duration(ms: number): string {
  const [unitMs, unit] =
    ms < 2 * HOUR_MS ? [MINUTE_MS, 'minute'] : ms < 2 * DAY_MS ? [HOUR_MS, 'hour'] : [DAY_MS, 'day'];
  const count = Math.round(ms / unitMs);
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
