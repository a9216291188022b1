import type { WireResponse } from '../fuzz/wire/response-parser.js';

/** Headers that differ between any two responses to the same request. */
const VARYING = /^(date|x-request-id|x-caller-request-id|ratelimit.*|x-upstream-request-id)$/;
/** The outcome depends on the moment, not on the names. */
const TRANSIENT =
  /"code":"(RATE_LIMITED|OVERLOADED|UPSTREAM_\w+|COHERENCE_UNAVAILABLE|STATE_UNAVAILABLE|CONFLICT)"/;

/** Returns everything that a caller could use to tell two responses apart, as text. */
export function fingerprint({ status, headers, body }: WireResponse): string {
  const kept = Object.entries(headers)
    .filter(([name]) => !VARYING.test(name))
    .map(([name, value]) => `${name}: ${value}`);
  const text = body
    .toString()
    .replace(/"(requestId|upstreamRequestId)":"[^"]*",?/g, '')
    // Names of different lengths move what follows them in a document.
    .replace(/"locations":\[[^\]]*\],?/g, '');
  return [status, ...kept, text].join('\n');
}

/** Returns whether the response reports success. */
export function isSuccess({ status, body }: WireResponse): boolean {
  return status < 300 && !body.includes('"errors":');
}

export function isTransient({ body }: WireResponse): boolean {
  return TRANSIENT.test(body.toString());
}

/** Returns the first line that differs. */
export function firstDifference(one: string, other: string): string {
  const [left, right] = [one.split('\n'), other.split('\n')];
  const at = left.findIndex((line, index) => line !== right[index]);
  return `${left[at]?.slice(0, 300)} ≠ ${right[at]?.slice(0, 300)}`;
}
