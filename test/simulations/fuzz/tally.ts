import type { FuzzRequest } from './requests/draft.js';

/** Counts what a run did. */
export class Tally {
  requests = 0;
  readonly operations: Record<string, number> = {};
  readonly transports: Record<string, number> = {};
  /** HTTP statuses; for requests without a response, why. */
  readonly outcomes: Record<string, number> = {};
  readonly spoilt: Record<string, number> = {};
  witnessReads = 0;
  lists = 0;

  sent({ operation, transport }: FuzzRequest, outcome: number | string): void {
    this.requests += 1;
    count(this.transports, transport);
    count(this.outcomes, `${outcome}`);
    for (const one of operation.split('+')) count(this.operations, `${transport} ${one}`);
  }

  spoil(name: string): void {
    count(this.spoilt, name);
  }
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
