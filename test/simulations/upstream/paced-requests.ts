import { setTimeout as sleep } from 'node:timers/promises';
import { type KeepAliveClient, NoAnswer } from '../../support/keep-alive-client.js';

/** One request of the run. */
export interface Seen {
  readonly atMs: number;
  readonly tookMs: number;
  /** `none` without a response. */
  readonly status: string;
}

/** Sends requests at an even pace, whether responses arrive or not, until stopped. */
export class PacedRequests {
  readonly seen: Seen[] = [];
  readonly #responses: Promise<void>[] = [];
  readonly #sent: Promise<void>;
  #goesOn = true;

  constructor(
    private readonly client: KeepAliveClient,
    perSecond: number,
    private readonly url: (index: number) => string,
  ) {
    this.#sent = this.#send(perSecond);
  }

  async stop(): Promise<readonly Seen[]> {
    this.#goesOn = false;
    await this.#sent;
    await Promise.all(this.#responses);
    return this.seen;
  }

  async #send(perSecond: number): Promise<void> {
    const startedAtMs = performance.now();
    let sent = 0;
    while (this.#goesOn) {
      for (; sent < ((performance.now() - startedAtMs) / 1_000) * perSecond; sent += 1)
        this.#responses.push(this.#ask(this.url(sent)));
      await sleep(5);
    }
  }

  async #ask(url: string): Promise<void> {
    const atMs = performance.now();
    let status = 'none';
    try {
      status = String((await this.client.call(url, 'GET')).status);
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
    }
    this.seen.push({ atMs, tookMs: performance.now() - atMs, status });
  }
}

/** How many requests ended with each status. */
export function statusesOf(seen: readonly Seen[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of seen) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

export function p99Of(seen: readonly Seen[]): number {
  const times = seen.map(({ tookMs }) => tookMs).toSorted((a, b) => a - b);
  return times[Math.floor(times.length * 0.99)] ?? 0;
}
