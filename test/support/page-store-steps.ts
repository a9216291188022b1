import type { PageKey, PageLifetimes, LookupResult } from '../../src/cache/stores/page-store.js';
import { type PageStoreBench, TIMES } from './page-store-bench.js';

export const LIVES: PageLifetimes = {
  freshMs: 10_000,
  staleWhileRevalidateMs: 20_000,
  staleIfErrorMs: 40_000,
};

export type Lease = Extract<LookupResult, { token: string }>;

/** A stored page. */
export interface FilledPage {
  readonly key: PageKey;
  readonly payload: string;
  readonly revision: string;
}

/** The steps of readers and writers on the store of a bench. */
export class PageStoreSteps {
  constructor(private readonly bench: PageStoreBench) {}

  look(key: PageKey, known?: string): Promise<LookupResult> {
    return this.bench.store.lookup(key, known);
  }

  async kind(key: PageKey): Promise<string> {
    return (await this.look(key)).kind;
  }

  async lease(key: PageKey, expected: Lease['kind'] = 'leader'): Promise<Lease> {
    const found = await this.look(key);
    if (found.kind !== expected) throw new Error(`Got ${found.kind}, expected ${expected}`);
    return found;
  }

  /** Stores the page; returns its revision, or `undefined` if the lease does not permit it. */
  async store(
    key: PageKey,
    { generation, token }: Lease,
    lifetimes = LIVES,
    ageMs = 0,
  ): Promise<string | undefined> {
    const payload = `page of ${token}`;
    return this.bench.store.store(key, { generation, token, payload, ageMs, lifetimes });
  }

  async filled(lifetimes = LIVES): Promise<FilledPage> {
    const key = await this.bench.newPage();
    const led = await this.lease(key);
    const revision = await this.store(key, led, lifetimes);
    if (revision === undefined) throw new Error('The page was not stored');
    return { key, payload: `page of ${led.token}`, revision };
  }

  /** Runs a complete write, including the settle window. */
  async write(meta: string): Promise<void> {
    await this.bench.store.begin(meta, 'w');
    await this.bench.store.end(meta, 'w');
    await this.bench.pass(TIMES.settleMs);
  }
}
