/** Kinds of injected faults. Unless the comment says so, the operation is not executed. */
export const FAULT_KINDS = [
  'latency', // waits `ms`, then continues; the operation is executed even if the caller has given up by then
  'throttle', // Throttling.User, alternating between 400 and 429; asks to wait `ms`, 1 s if absent
  'http500', // 500 with JSON
  'html502', // 502 with an HTML page
  'reset', // the connection is reset
  'reset-after-apply', // executed, then the connection is reset
  'hang', // no response
  'hang-after-apply', // executed, no response
  'late-apply', // the connection is reset immediately and the operation is executed `ms` later
  'fails-later', // a write is executed, and `ms` later undone: all of it, or only `fields` or `members`
  'reject', // rejected with `code`
  'ok-success-false', // executed, `Code:"OK"` with `Success:false`
  'empty-body', // executed, 200 with an empty body
  'malformed', // executed, 200 with truncated JSON
  'short-page', // executed, lists return fewer rows than requested although there are more
  'raw', // responds with `body` unchanged and with `status`
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** A rule that injects a fault into calls. */
export interface Fault {
  readonly id: number;
  readonly kind: FaultKind;
  /** If absent, every action. */
  readonly action?: string | undefined;
  /** Number of calls left to affect. If absent, the rule applies until it is deleted. */
  count?: number | undefined;
  /** Share of the calls to affect, 0 to 1. If absent, all. */
  readonly ratio?: number | undefined;
  readonly ms?: number | undefined;
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  readonly status?: number | undefined;
  readonly body?: string | undefined;
  /** What `fails-later` undoes of an update. If set, it matches only updates. */
  readonly fields?: readonly string[] | undefined;
  /** The members whose removal `fails-later` undoes. If set, it matches only removals. */
  readonly members?: readonly string[] | undefined;
  /** Whether to execute the operation. Overrides the default of the kind. */
  readonly apply?: boolean | undefined;
}

/** A fault that determines the reply rather than only delaying it. */
export type ReplyFault = Fault & { readonly kind: Exclude<FaultKind, 'latency'> };

/** The faults of one call: the sum of all matching latencies and the first other matching fault. */
export interface AppliedFaults {
  readonly latencyMs: number;
  readonly fault?: ReplyFault;
}

type Selection = Partial<Pick<Fault, 'id' | 'kind' | 'action'>>;

/** The active rules, oldest first. */
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

  /** Removes the selected rules, or all rules if the selection is empty. Returns how many were removed. */
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

  /** Determines the faults of one call and counts the call on the rules that apply. */
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
  const isRead = action.startsWith('List');
  if (rule.kind === 'short-page') return isRead;
  if (rule.kind !== 'fails-later') return true;
  if (rule.fields !== undefined) return action === 'UpdateChatGroup';
  return rule.members === undefined ? !isRead : action === 'DeleteChatGroupParticipants';
}
