import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Scrape } from '../../support/metrics.js';
import type { RedisServer } from '../../support/redis-server.js';
import { SERIES } from './series.js';
import type { Replica } from './replica.js';
import type { Stage } from './stage.js';
import type { Point } from './trend.js';

const HOUR_MS = 3_600_000;
/** Until the process has handled a signal. */
const SIGNAL_MS = 250;
/** That of prom-client. */
const RESOLUTION_MS = 10;
const HELD = ['gateway_cams_calls_under_way', 'gateway_cams_calls_waiting'];

interface Lag {
  readonly mean: number;
  readonly p99: number;
}

/** Samples of the gateways and of both Redis servers; x in hours since the start. */
export class Sampler {
  readonly #startedMs = performance.now();
  readonly #series = new Map<string, Point[]>();
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #asking = new Set<RedisServer>();

  constructor(
    private readonly stage: Stage,
    private readonly writes: () => number,
  ) {}

  get hours(): number {
    return (performance.now() - this.#startedMs) / HOUR_MS;
  }

  /** Samples at this interval until the signal, and collects garbage before every `collectsEvery`th time. */
  async run(intervalMs: number, collectsEvery: number, signal: AbortSignal): Promise<void> {
    this.#delay.enable();
    for (let count = 0; !signal.aborted; count += 1) {
      const collects = count % collectsEvery === 0;
      if (collects) for (const { process } of this.stage.replicas) process.signal('SIGUSR2');
      await sleep(SIGNAL_MS);
      const own = this.#ownLag();
      await Promise.all(this.stage.replicas.map((replica) => this.#sample(replica, collects, own)));
      const { cache, state } = this.stage;
      void this.#memory(cache, 'cache Redis', () => this.hours);
      void this.#memory(state, 'state Redis', this.writes);
      const nextMs = this.#startedMs + (count + 1) * intervalMs;
      await sleep(Math.max(0, nextMs - performance.now()), undefined, { signal }).catch(() => undefined);
    }
    this.#delay.disable();
  }

  of(name: string, title: string): readonly Point[] {
    return this.#points(name, title);
  }

  /** Calls to CAMS that a gateway still holds a permit for, or waits for. */
  async held({ managementUrl }: Replica): Promise<number> {
    const scrape = await Scrape.of({ managementUrl });
    return HELD.reduce((sum, name) => sum + valueOf(scrape, name), 0);
  }

  /** How often a gateway applied a new tenants file. */
  async reloads({ managementUrl }: Replica): Promise<number> {
    return valueOf(await Scrape.of({ managementUrl }), 'gateway_tenants_reloads_total', {
      outcome: 'applied',
    });
  }

  async #sample({ name, managementUrl, process }: Replica, collected: boolean, own: Lag): Promise<void> {
    // The run reports its end.
    if (process.ended !== undefined) return;
    const scrape = await Scrape.of({ managementUrl }).catch(() => undefined);
    if (scrape === undefined) return;
    for (const { title, metric, factor, isCollected = false, beyond } of SERIES) {
      if (isCollected && !collected) continue;
      const value = valueOf(scrape, metric) - (beyond === undefined ? 0 : own[beyond]);
      // Not a number if nothing was measured since the previous scrape.
      if (Number.isFinite(value)) this.#points(name, title).push({ x: this.hours, y: value * factor });
    }
  }

  /** The delay of the event loop of this process since the previous sample, in seconds, as the gateways measure theirs. */
  #ownLag(): Lag {
    const lag = { mean: this.#delay.mean / 1e9, p99: this.#delay.percentile(99) / 1e9 };
    this.#delay.reset();
    return lag;
  }

  /** A frozen server responds later; one that is down, never. */
  async #memory(server: RedisServer, name: string, x: () => number): Promise<void> {
    if (this.#asking.has(server)) return;
    this.#asking.add(server);
    const atHours = this.hours;
    const atX = x();
    try {
      const used = /used_memory:(\d+)/.exec(await server.command('INFO', 'memory'))?.[1];
      this.#points(name, 'memory').push({ x: atHours, y: Number(used) });
      this.#points(name, 'memory by writes').push({ x: atX, y: Number(used) });
    } catch {
      // It is down.
    } finally {
      this.#asking.delete(server);
    }
  }

  #points(name: string, title: string): Point[] {
    const key = `${name}\n${title}`;
    const points = this.#series.get(key) ?? [];
    this.#series.set(key, points);
    return points;
  }
}

/** The value of a metric, which is 0 as long as nothing was counted. Throws if there is none of this name. */
function valueOf(scrape: Scrape, name: string, labels: Readonly<Record<string, string>> = {}): number {
  if (!scrape.text.includes(`# TYPE ${name} `)) throw new Error(`The gateway has no metric ${name}.`);
  return scrape.value(name, labels) ?? 0;
}
