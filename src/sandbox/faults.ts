/** How a call is spoiled. What each does stands beside it; where nothing else is said, the operation is not executed. */
export const FAULT_KINDS = [
  'latency', // waits `ms`, then goes on; the operation is executed even if the caller has given up by then
  'throttle', // Throttling.User, as 400 and 429 in turn
  'http500', // 500 with JSON
  'html502', // 502 with a page of HTML
  'reset', // the connection dies
  'reset-after-apply', // executed, then the connection dies
  'hang', // never answered
  'hang-after-apply', // executed, never answered
  'late-apply', // the connection dies at once, the operation is executed `ms` later
  'reject', // refused with `code`
  'ok-success-false', // executed, `Code:"OK"` with `Success:false`
  'empty-body', // executed, 200 with nothing in it
  'malformed', // executed, 200 with JSON cut in the middle
  'short-page', // lists return fewer rows than asked for and there are
  'raw', // answered with `body` as it is, with `status`
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** A rule that spoils calls. */
export interface Fault {
  readonly id: number;
  readonly kind: FaultKind;
  /** Absent: every action. */
  readonly action?: string | undefined;
  /** Calls left to spoil; absent: until it is deleted. */
  count?: number | undefined;
  /** Share of the calls that are spoiled, 0 to 1; absent: all. */
  readonly ratio?: number | undefined;
  readonly ms?: number | undefined;
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  readonly status?: number | undefined;
  readonly body?: string | undefined;
  /** Execute the operation, or do not, against the habit of the kind. */
  readonly apply?: boolean | undefined;
}

/** A fault that decides what the caller gets back, and does not only delay it. */
export type ReplyFault = Fault & { readonly kind: Exclude<FaultKind, 'latency'> };

/** What befalls one call: all latencies that match, and the first other fault that does. */
export interface AppliedFaults {
  readonly latencyMs: number;
  readonly fault?: ReplyFault;
}

type Selection = Partial<Pick<Fault, 'id' | 'kind' | 'action'>>;

/** The rules that are in force, oldest first. */
export class Faults {
  #rules: Fault[] = [];
  #lastId = 0;

  constructor(private readonly random: () => number) {}

  get all(): readonly Fault[] {
    return this.#rules;
  }

  add(fault: Omit<Fault, 'id'>): Fault {
    this.#lastId += 1;
    const rule = { ...fault, id: this.#lastId };
    this.#rules.push(rule);
    return rule;
  }

  /** Removes what the selection names, everything if it names nothing; returns how many there were. */
  remove({ id, kind, action }: Selection = {}): number {
    const before = this.#rules.length;
    this.#rules = this.#rules.filter(
      (rule) =>
        (id !== undefined && rule.id !== id) ||
        (kind !== undefined && rule.kind !== kind) ||
        (action !== undefined && rule.action !== action),
    );
    return before - this.#rules.length;
  }

  /** Decides about one call, and counts it on the rules that befall it. */
  take(action: string): AppliedFaults {
    let latencyMs = 0;
    let fault: ReplyFault | undefined;
    for (const rule of this.#rules) {
      const late = fault !== undefined && decidesReply(rule);
      if (late || !matches(rule, action) || this.random() >= (rule.ratio ?? 1)) continue;
      if (rule.count !== undefined) rule.count -= 1;
      if (decidesReply(rule)) fault = rule;
      else latencyMs += rule.ms ?? 0;
    }
    this.#rules = this.#rules.filter((rule) => rule.count !== 0);
    return { latencyMs, ...(fault && { fault }) };
  }
}

function decidesReply(rule: Fault): rule is ReplyFault {
  return rule.kind !== 'latency';
}

function matches(rule: Fault, action: string): boolean {
  if (rule.action !== undefined && rule.action !== action) return false;
  return rule.kind !== 'short-page' || action.startsWith('List');
}
