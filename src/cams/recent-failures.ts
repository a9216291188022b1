import { CircuitState, type IBreaker } from 'cockatiel';

interface Counts {
  failures: number;
  calls: number;
}

interface Bucket {
  /** When it began, in parts of {@link PART_MS}. */
  readonly at: number;
  /** By tenant. */
  readonly counts: Map<string, Counts>;
}

const PART_MS = 200;
/** Two seconds: after a longer healthy time, failures would be outnumbered for too long. */
const PARTS = 10;

/**
 * Breaks if more than half of the calls that ended in the past two seconds have failed, if there were enough of them, and if most
 * tenants with calls, and enough tenants, are affected. The library's own sample has no end in time: it would still count
 * failures of hours ago for an account that is called rarely.
 */
export class RecentFailures implements IBreaker {
  readonly #buckets = Array.from({ length: PARTS }, () => empty(Number.NEGATIVE_INFINITY));

  constructor(
    private readonly leastCalls: number,
    private readonly leastTenants = 1,
  ) {}

  /** Required by the library, for saving a breaker. */
  get state(): unknown {
    return this.#buckets;
  }

  /** Notes the outcome of a call, before the library asks for a verdict. */
  note(tenant: string, hasFailed: boolean): void {
    const { counts } = this.#currentBucket();
    const known = counts.get(tenant) ?? { failures: 0, calls: 0 };
    known.calls += 1;
    if (hasFailed) known.failures += 1;
    counts.set(tenant, known);
  }

  success(state: CircuitState): void {
    if (state === CircuitState.HalfOpen) this.forget();
  }

  failure(state: CircuitState): boolean {
    return state !== CircuitState.Closed || this.mostlyFailing;
  }

  get mostlyFailing(): boolean {
    const tenants = [...this.#recent()];
    const all = sumOf(tenants.map(([, counts]) => counts));
    if (all.calls < this.leastCalls || !mostlyFail(all)) return false;
    const failing = tenants.filter(([, counts]) => mostlyFail(counts)).length;
    return failing >= this.leastTenants && failing > tenants.length / 2;
  }

  forgetTenant(tenant: string): void {
    for (const { counts } of this.#buckets) counts.delete(tenant);
  }

  forget(): void {
    this.#buckets.fill(empty(Number.NEGATIVE_INFINITY));
  }

  #recent(): Map<string, Counts> {
    const since = currentPart() - PARTS;
    const tenants = new Map<string, Counts>();
    for (const { at, counts } of this.#buckets)
      if (at > since)
        for (const [tenant, known] of counts) tenants.set(tenant, sumOf([tenants.get(tenant), known]));
    return tenants;
  }

  #currentBucket(): Bucket {
    const at = currentPart();
    const index = at % PARTS;
    const bucket = this.#buckets[index];
    if (bucket?.at === at) return bucket;
    return (this.#buckets[index] = empty(at));
  }
}

function mostlyFail({ failures, calls }: Counts): boolean {
  return failures > calls / 2;
}

function sumOf(all: readonly (Counts | undefined)[]): Counts {
  const sum = { failures: 0, calls: 0 };
  for (const { failures, calls } of all.filter((counts) => counts !== undefined)) {
    sum.failures += failures;
    sum.calls += calls;
  }
  return sum;
}

function empty(at: number): Bucket {
  return { at, counts: new Map() };
}

function currentPart(): number {
  return Math.floor(performance.now() / PART_MS);
}
