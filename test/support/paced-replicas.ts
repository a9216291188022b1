import { setTimeout as sleep } from 'node:timers/promises';
import { FairShare } from '../../src/cams/pace/fair-share.js';
import { SharedPace } from '../../src/cams/pace/shared-pace.js';
import { closing, open } from './redis-fixture.js';

const WAITING = 12;
const SAMPLE_MS = 10;

/** When the calls of each tenant started (`performance.now()`). */
export class Starts {
  readonly #starts: { readonly tenant: string; readonly atMs: number }[] = [];
  /** How late each sample was. */
  readonly #delays: { readonly atMs: number; readonly lateMs: number }[] = [];

  constructor() {
    let dueMs = performance.now() + SAMPLE_MS;
    const timer = setInterval(() => {
      const atMs = performance.now();
      this.#delays.push({ atMs, lateMs: Math.max(0, atMs - dueMs) });
      dueMs = atMs + SAMPLE_MS;
    }, SAMPLE_MS);
    closing(timer, () => clearInterval(timer));
  }

  note(tenant: string): void {
    this.#starts.push({ tenant, atMs: performance.now() });
  }

  count(tenant?: string, sinceMs = 0): number {
    return this.#starts.filter((one) => (tenant ?? one.tenant) === one.tenant && one.atMs >= sinceMs).length;
  }

  /**
   * Calls that were allowed at this rate while this process was busy with something else, at most within a second: it starts
   * them, and counts them, only afterwards.
   */
  lateBy(perSecond: number): number {
    const within = (from: number): number =>
      this.#delays
        .filter(({ atMs }) => atMs >= from && atMs < from + 1_000)
        .reduce((sum, { lateMs }) => sum + lateMs, 0);
    return (Math.max(0, ...this.#delays.map(({ atMs }) => within(atMs))) / 1_000) * perSecond;
  }

  /** Calls that were due at this rate since then, except while this process was busy with something else. */
  due(perSecond: number, sinceMs: number): number {
    const late = this.#delays
      .filter(({ atMs }) => atMs >= sinceMs)
      .reduce((sum, { lateMs }) => sum + lateMs, 0);
    return ((performance.now() - sinceMs - late) / 1_000) * perSecond;
  }

  /** The most that started within any second. */
  get mostInASecond(): number {
    const times = this.#starts.map(({ atMs }) => atMs);
    return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + 1_000).length));
  }
}

/** The part of a gateway process that starts calls to CAMS. */
export interface PacedReplica {
  readonly pace: SharedPace;
  /** Keeps calls of the tenant waiting until the function that it returns is called. */
  flood(tenant: string, weight?: number): () => void;
}

/** Starts a replica with its own connection. Each call takes 5 ms. */
export async function startPacedReplica(
  url: string,
  perSecond: number,
  starts: Starts,
): Promise<PacedReplica> {
  const { redis } = await open(url);
  const pace = new SharedPace(redis, perSecond);
  const share = new FairShare({ maxConcurrency: 100, perSecond, pace });
  return {
    pace,
    flood: (tenant, weight = 1) => {
      const stopping = new AbortController();
      const { signal } = stopping;
      const callOften = async (): Promise<void> => {
        while (!signal.aborted) {
          const release = await share.acquire({ account: 'one', tenant, weight, maxWaitMs: 60_000 });
          if (!signal.aborted) starts.note(tenant);
          await sleep(5);
          release();
        }
      };
      const calls = Promise.all(Array.from({ length: WAITING }, callOften));
      const stop = (): void => stopping.abort();
      closing(stop, async () => {
        stop();
        await calls;
      });
      return stop;
    },
  };
}
