import type { FaultLog } from './fault-log.js';

/** Which way a read went through the cache. */
export type Way = 'hit' | 'miss' | 'collapsed' | 'bypass' | 'untold';

/** What the load counts. */
export class Tally {
  reads = 0;
  /** Reads that began less than a second after a coherent acknowledgement in their scope. */
  soonAfterCoherent = 0;
  longestReadMs = 0;
  longestWriteMs = 0;
  readonly ways: Record<Way, number> = { hit: 0, miss: 0, collapsed: 0, bypass: 0, untold: 0 };
  readonly writes = { coherent: 0, bounded: 0, unknown: 0, refused: 0 };
  readonly failedReads = new Map<string, number>();
  readonly #hitsByMask = new Map<number, number>();

  read(way: Way, faults: number, tookMs: number, soon: boolean): void {
    this.reads += 1;
    this.ways[way] += 1;
    if (soon) this.soonAfterCoherent += 1;
    this.longestReadMs = Math.max(this.longestReadMs, tookMs);
    if (way === 'hit') this.#hitsByMask.set(faults, (this.#hitsByMask.get(faults) ?? 0) + 1);
  }

  readFailed(code: string, tookMs: number): void {
    this.failedReads.set(code, (this.failedReads.get(code) ?? 0) + 1);
    this.longestReadMs = Math.max(this.longestReadMs, tookMs);
  }

  /** Hits while faults of each kind were under way. */
  hitsByFault(log: FaultLog): Record<string, number> {
    const hits = Object.fromEntries(Object.keys(log.counts).map((kind) => [kind, 0]));
    for (const [mask, count] of this.#hitsByMask)
      for (const kind of log.kindsIn(mask)) hits[kind] = (hits[kind] ?? 0) + count;
    return hits;
  }
}

/** Source: contract.md and RFC 9211. */
export function wayOf(cacheStatus: string | string[] | undefined): Way {
  const text = String(cacheStatus ?? '');
  if (text.includes('; hit')) return 'hit';
  if (text.includes('collapsed')) return 'collapsed';
  if (text.includes('fwd=bypass')) return 'bypass';
  return text.includes('fwd=miss') ? 'miss' : 'untold';
}
