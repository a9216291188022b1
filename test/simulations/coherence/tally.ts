import type { FaultLog } from './fault-log.js';

/** How a read was served. */
export type Way = 'hit' | 'miss' | 'collapsed' | 'bypass' | 'untold';

export const READ_KINDS = [
  'list',
  'GraphQL list',
  'group',
  'group that is not there',
  'participants',
] as const;
export type ReadKind = (typeof READ_KINDS)[number];

export const WRITE_KINDS = ['update', 'create', 'delete', 'removal'] as const;
export type WriteKind = (typeof WRITE_KINDS)[number];

/** The outcome of a write; `unsent`: the gateway sent nothing because it could not announce the write to the cache. */
export const OUTCOMES = ['coherent', 'bounded', 'unknown', 'refused', 'unsent'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Counts the results of the load. */
export class Tally {
  /** Reads that started less than a second after a coherent acknowledgement in their scope. */
  soonAfterCoherent = 0;
  longestReadMs = 0;
  longestWriteMs = 0;
  readonly reads = zeros(READ_KINDS);
  readonly ways: Record<Way, number> = { hit: 0, miss: 0, collapsed: 0, bypass: 0, untold: 0 };
  readonly writes: Record<WriteKind, Record<Outcome, number>> = {
    update: zeros(OUTCOMES),
    create: zeros(OUTCOMES),
    delete: zeros(OUTCOMES),
    removal: zeros(OUTCOMES),
  };
  readonly failedReads = new Map<string, number>();
  readonly #hitsByMask = new Map<number, number>();

  read(kind: ReadKind, way: Way, faults: number, soon: boolean): void {
    this.reads[kind] += 1;
    this.ways[way] += 1;
    if (soon) this.soonAfterCoherent += 1;
    if (way === 'hit') this.#hitsByMask.set(faults, (this.#hitsByMask.get(faults) ?? 0) + 1);
  }

  readFailed(code: string): void {
    this.failedReads.set(code, (this.failedReads.get(code) ?? 0) + 1);
  }

  readTook(ms: number): void {
    this.longestReadMs = Math.max(this.longestReadMs, ms);
  }

  wrote(kind: WriteKind, outcome: Outcome, tookMs: number): void {
    this.writes[kind][outcome] += 1;
    this.longestWriteMs = Math.max(this.longestWriteMs, tookMs);
  }

  /** Outcomes of all kinds of writes. */
  get outcomes(): Record<Outcome, number> {
    const sums = zeros(OUTCOMES);
    for (const kind of WRITE_KINDS)
      for (const outcome of OUTCOMES) sums[outcome] += this.writes[kind][outcome];
    return sums;
  }

  /** Returns the number of hits while faults of each kind were active. */
  hitsByFault(log: FaultLog): Record<string, number> {
    const hits = Object.fromEntries(Object.keys(log.counts).map((kind) => [kind, 0]));
    for (const [mask, count] of this.#hitsByMask)
      for (const kind of log.kindsIn(mask)) hits[kind] = (hits[kind] ?? 0) + count;
    return hits;
  }
}

/** Parses a Cache-Status header. Source: contract.md and RFC 9211. */
export function wayOf(cacheStatus: string | string[] | undefined): Way {
  const text = String(cacheStatus ?? '');
  if (text.includes('; hit')) return 'hit';
  if (text.includes('collapsed')) return 'collapsed';
  if (text.includes('fwd=bypass')) return 'bypass';
  return text.includes('fwd=miss') ? 'miss' : 'untold';
}

function zeros<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
}
