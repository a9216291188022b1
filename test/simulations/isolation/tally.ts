import type { Draft } from '../fuzz/requests/draft.js';
import type { NoResponse } from '../fuzz/wire/connection.js';
import type { WireResponse } from '../fuzz/wire/response-parser.js';

export interface Example {
  readonly caller: string;
  readonly gateway: string;
  readonly detail: string;
  readonly request: string | undefined;
}

/** Counts what a run did and found. */
export class Tally {
  requests = 0;
  /** Pairs whose responses depended on the moment each time. */
  undecided = 0;
  /** Pairs that the other name made no difference to: both succeeded. */
  ineffective = 0;
  /** Calls to CAMS that were checked. */
  calls = 0;
  readonly trials: Record<string, number> = {};
  readonly targets: Record<string, number> = {};
  readonly operations: Record<string, number> = {};
  readonly statuses: Record<string, number> = {};
  readonly findings = new Map<string, Example & { count: number }>();

  trial(kind: string, what: string): void {
    count(this.trials, kind);
    count(this.targets, what);
  }

  sent({ transport, operation }: Draft, outcome: WireResponse | NoResponse): void {
    this.requests += 1;
    count(this.statuses, typeof outcome === 'string' ? outcome : `${outcome.status}`);
    for (const one of operation.split('+')) count(this.operations, `${transport} ${one}`);
  }

  found(kind: string, example: Example): void {
    const known = this.findings.get(kind);
    if (known) known.count += 1;
    else this.findings.set(kind, { ...example, count: 1 });
  }
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
