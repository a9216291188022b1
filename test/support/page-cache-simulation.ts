import { setImmediate as turn } from 'node:timers/promises';
import type fc from 'fast-check';
import { CacheTelemetry } from '../../src/cache/cache-telemetry.js';
import { Metrics } from '../../src/telemetry/metrics.js';
import { PageCache } from '../../src/cache/page-cache.js';
import { L1PageCache } from '../../src/cache/l1-page-cache.js';
import { type PageStore, StoreUnavailable } from '../../src/cache/stores/page-store.js';
import { GatewayError } from '../../src/errors/gateway-error.js';
import { scopeOf } from './cams-callers.js';
import { writeThrough } from './write-through.js';

const METRICS = new Metrics();

const CALL_MS = 1_000;
const LATE_MS = 1_000;
/** Scheduler steps until a late write is applied. */
const LATE_MOMENTS = 25;
const SETTLE_MS = 300;
/** Maximum lag of lists behind writes; less than the settle window. */
export const LAG_MS = 250;
export const TIMES = {
  intentMs: CALL_MS + LATE_MS,
  leaseMs: CALL_MS + 500,
  settleMs: SETTLE_MS,
  holdMs: 100,
};
/** Pages outlive an intent, so that a page wrongly kept in the cache is read after the intent expires. */
export const LIFETIMES = { freshMs: 400, staleWhileRevalidateMs: 5_000, staleIfErrorMs: 10_000 };

/** The fate of a write that is sent. In the last three cases, the process never learns the outcome. */
export type Fate = 'applied' | 'rejected' | 'reply lost' | 'applied late' | 'crash after sending';
export const FATES: readonly Fate[] = [
  'applied',
  'rejected',
  'reply lost',
  'applied late',
  'crash after sending',
];

/** A fault of a store command or a list. */
export type Fault = 'none' | 'lost' | 'reply lost' | 'late';
export const FAULTS: readonly Fault[] = ['none', 'none', 'none', 'lost', 'reply lost', 'late'];

interface Write {
  readonly bit: number;
  begun: boolean;
  visibleAtMs: number;
  /** Whether, and why, reads that start now must show it. */
  owed: 'no' | 'coherent' | 'outcome unknown';
}

/**
 * Simulates one scope: processes with the real algorithm, one store, and an upstream whose state is the set of applied
 * mutations. fast-check orders the steps. Time advances in ticks, never beyond the deadline of an operation in flight.
 */
export class PageCacheSimulation {
  nowMs = 1_000;
  readonly #scope = scopeOf();
  readonly #writes: Write[] = [];
  readonly #limits = new Set<() => number>();
  readonly #processes: PageCache[];
  readonly #faults: Fault[];
  readonly #slowLists: number[];
  readonly violations: string[] = [];
  reads = 0;
  hits = 0;

  constructor(
    private readonly scheduler: fc.Scheduler,
    store: (now: () => number) => PageStore,
    private readonly options: {
      readonly lagMs: number;
      readonly faults: readonly Fault[];
      /** Scheduler steps per list. */ readonly slowLists: readonly number[];
    },
  ) {
    this.#faults = [...options.faults];
    this.#slowLists = [...options.slowLists];
    const shared = this.#unreliable(store(() => this.nowMs));
    this.#processes = [0, 1].map(() => {
      return new PageCache(shared, new L1PageCache(1_000_000, METRICS.foreignPages), {
        coherence: 'available',
        callMs: CALL_MS,
        intentMs: TIMES.intentMs,
        telemetry: new CacheTelemetry(METRICS),
        pageLifeMs: LIFETIMES.staleIfErrorMs,
        pause: async (ms) => {
          await this.#moment('pause');
          this.#pass(ms);
        },
      });
    });
  }

  /** Runs everything that was started to completion. */
  async run(): Promise<void> {
    // Shared calls are sent one event loop turn later. The simulation is over when none is scheduled after that.
    for (await turn(); this.scheduler.count() > 0; await turn()) await this.scheduler.waitNext(1);
    for (const process of this.#processes) process.onModuleDestroy();
  }

  async tick(ms: number): Promise<void> {
    await this.#moment('tick');
    this.#pass(ms);
  }

  /** Yields to other scheduled steps. */
  async idle(moments: number): Promise<void> {
    for (let moment = 0; moment < moments; moment += 1) await this.#moment('idle');
  }

  async read(process: number): Promise<void> {
    await this.#moment('read');
    const due = this.#writes.filter((write) => write.owed !== 'no' && write.visibleAtMs <= this.nowMs);
    const source = {
      list: () => this.#list(),
      lifetimes: () => LIFETIMES,
      deadlineMs: Number.POSITIVE_INFINITY,
    };
    try {
      const page = await this.#process(process).read(this.#scope, 'page', source);
      this.reads += 1;
      if (page.cacheStatus.includes('hit')) this.hits += 1;
      for (const { bit, owed } of due) {
        if ((page.value & bit) === 0) this.violations.push(`${owed}: ${bit} missing (${page.cacheStatus})`);
      }
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
    }
  }

  async write(process: number, fate: Fate): Promise<void> {
    await this.#moment('write');
    const write: Write = { bit: 2 ** this.#writes.length, begun: false, visibleAtMs: Infinity, owed: 'no' };
    this.#writes.push(write);
    try {
      const { coherence } = await writeThrough(this.#process(process), this.#scope, (begin) =>
        this.#send(write, fate, begin),
      );
      if (coherence === 'COHERENT') write.owed = 'coherent';
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      // The outcome is unknown and stays so. If the write has not begun, no read has to show it.
      if (error.code === 'OUTCOME_UNKNOWN' && write.begun) write.owed = 'outcome unknown';
    }
  }

  async #send(write: Write, fate: Fate, begin: () => Promise<void>): Promise<void> {
    await this.#moment('permit');
    const atOnce = this.#limit(this.nowMs);
    const before = this.#begins;
    await begin();
    write.begun = this.#begins > before;
    atOnce();
    const sentAtMs = this.nowMs;
    const inTime = this.#limit(sentAtMs + CALL_MS);
    await this.#moment('write arrives');
    if (fate !== 'rejected' && fate !== 'applied late') this.#apply(write);
    if (fate === 'crash after sending') {
      inTime();
      if (write.begun) write.owed = 'outcome unknown';
      await new Promise<never>(() => undefined);
    }
    await this.#moment('write returns');
    inTime();
    if (fate === 'applied') return;
    if (fate === 'rejected') throw new GatewayError('UPSTREAM_REJECTED', 'refused');
    if (fate === 'applied late') void this.#applyLate(write, sentAtMs + CALL_MS + LATE_MS - LAG_MS);
    throw new GatewayError('OUTCOME_UNKNOWN', 'outcome unknown');
  }

  async #applyLate(write: Write, untilMs: number): Promise<void> {
    const inTime = this.#limit(untilMs);
    await this.idle(LATE_MOMENTS);
    this.#apply(write);
    inTime();
  }

  #apply(write: Write): void {
    write.visibleAtMs = this.nowMs + this.options.lagMs;
  }

  async #list(): Promise<number> {
    await this.#moment('list arrives');
    const visible = this.#writes.filter(({ visibleAtMs }) => visibleAtMs <= this.nowMs);
    const state = visible.reduce((sum, { bit }) => sum + bit, 0);
    const failed = this.#faults.pop() === 'lost';
    await this.idle(this.#slowLists.pop() ?? 0);
    await this.#moment('list returns');
    if (failed) throw new GatewayError('UPSTREAM_UNAVAILABLE', 'unavailable');
    return state;
  }

  #begins = 0;

  /** Wraps the store in an unreliable network that can lose or delay commands and lose replies. */
  #unreliable(store: PageStore): PageStore {
    const step = async <T>(name: string, run: () => Promise<T>): Promise<T> => {
      const fault = this.#faults.pop() ?? 'none';
      await this.#moment(`${name} arrives, ${fault}`);
      if (fault === 'late') void this.#moment(`${name} runs late`).then(run);
      if (fault === 'lost' || fault === 'late') throw new StoreUnavailable(fault, fault === 'late');
      const answer = await run();
      await this.#moment(`${name} returns`);
      if (fault === 'reply lost') throw new StoreUnavailable(fault, true);
      return answer;
    };
    return {
      lookup: (key, known) => step('lookup', () => store.lookup(key, known)),
      store: (key, page) => step('store', () => store.store(key, page)),
      fail: (key, lease, failure) => step('fail', () => store.fail(key, lease, failure)),
      drop: (key, revision) => step('drop', () => store.drop(key, revision)),
      begin: async (meta, token) => {
        await step('begin', () => store.begin(meta, token));
        this.#begins += 1;
      },
      end: (meta, token) => step('end', () => store.end(meta, token)),
      bump: (meta) => step('bump', () => store.bump(meta)),
      generation: (meta) => step('generation', () => store.generation(meta)),
    };
  }

  #process(index: number): PageCache {
    const process = this.#processes[index];
    if (!process) throw new Error(`There is no process ${index}`);
    return process;
  }

  #moment(name: string): Promise<void> {
    return this.scheduler.schedule(Promise.resolve(), name);
  }

  #pass(ms: number): void {
    const limits = [...this.#limits].map((limit) => limit());
    this.nowMs = Math.max(this.nowMs, Math.min(this.nowMs + ms, ...limits));
  }

  /** Keeps time from reaching `untilMs` until the returned function is called. */
  #limit(untilMs: number): () => void {
    const limit = (): number => untilMs - 1;
    this.#limits.add(limit);
    return () => this.#limits.delete(limit);
  }
}
