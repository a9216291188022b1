/** One call: the request and its outcome. */
export interface LoggedCall {
  /** Counts up from 1 and is not reset. */
  readonly id: number;
  readonly action: string;
  /** Decoded. `Page` and `List` are parsed if they hold JSON. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** The query string as received. */
  readonly query: string;
  /** ISO 8601 */
  readonly at: string;
  /** `ok`, `rejected`, `fault:<kind>`, or `pending` while it is in flight. */
  outcome: string;
  /** `Code` of the response; null if there was none. */
  code: string | null;
  durationMs: number;
  /** Whether the operation was executed. */
  applied: boolean;
}

/** The most recent calls, oldest first. */
export class CallLog {
  #calls: LoggedCall[] = [];
  #lastId = 0;

  constructor(private readonly maxCalls = 100_000) {}

  start(call: Pick<LoggedCall, 'action' | 'parameters' | 'query' | 'at'>): LoggedCall {
    this.#lastId += 1;
    const logged: LoggedCall = {
      id: this.#lastId,
      ...call,
      outcome: 'pending',
      code: null,
      durationMs: 0,
      applied: false,
    };
    this.#calls.push(logged);
    // Truncate in bulk: shifting single entries would move the whole array on every call.
    if (this.#calls.length >= this.maxCalls * 1.5) this.#calls = this.#calls.slice(-this.maxCalls);
    return logged;
  }

  /** Returns the calls of one action, or all calls. */
  read(action?: string): LoggedCall[] {
    const calls = this.#calls.slice(-this.maxCalls);
    return action === undefined ? calls : calls.filter((call) => call.action === action);
  }

  clear(): void {
    this.#calls = [];
  }
}
