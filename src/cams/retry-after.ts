import type { IncomingHttpHeaders } from 'node:http';

/** A longer wait is not credible, and would keep clients away for nothing. */
const MAX_SECONDS = 3_600;

/**
 * Returns how long a response asks to wait, in whole seconds from 1 to 3,600: by `x-acs-retry-after` in milliseconds, else
 * by `Retry-After` in seconds or as a date. Source: the vendor's SDK, and RFC 9110, section 10.2.3.
 */
export function retryAfterSeconds(headers: IncomingHttpHeaders): number | undefined {
  const ms = number(headers['x-acs-retry-after']) ?? fromStandard(headers['retry-after']);
  return ms === undefined ? undefined : Math.min(MAX_SECONDS, Math.max(1, Math.ceil(ms / 1_000)));
}

function fromStandard(value: string | undefined): number | undefined {
  const seconds = number(value);
  if (seconds !== undefined) return seconds * 1_000;
  // `Date.parse` reads much that is not an HTTP date: "-7" is one of its years.
  const date = value?.trim().endsWith('GMT') ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : date - Date.now();
}

function number(value: string | string[] | undefined): number | undefined {
  return typeof value === 'string' && /^\s*\d{1,12}\s*$/.test(value) ? Number(value) : undefined;
}
