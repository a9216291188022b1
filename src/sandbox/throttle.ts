import { Refusal } from './refusal.js';

/** Counts accepted calls per second of the clock. */
export class Throttle {
  #second = -1;
  #accepted = 0;
  #refused = 0;

  /** Throws if `qps` calls were already accepted in this second. */
  admit(now: number, qps: number | null): void {
    const second = Math.floor(now / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#accepted = 0;
    }
    if (qps !== null && this.#accepted >= qps) throw this.refusal(1_000 - (now % 1_000));
    this.#accepted += 1;
  }

  /** `waitMs`: until the next attempt. The vendor throttles with either 400 or 429. The sandbox alternates between them, so that clients see both. */
  refusal(waitMs: number): Refusal {
    this.#refused += 1;
    const status = this.#refused % 2 === 1 ? 400 : 429;
    const message = 'Request was denied due to user flow control.';
    return new Refusal('Throttling.User', message, status, { 'x-acs-retry-after': String(waitMs) });
  }
}
