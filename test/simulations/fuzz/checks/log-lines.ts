import type { FuzzRequest } from '../requests/draft.js';
import type { Canaries } from './canaries.js';
import type { Breach } from './findings.js';

interface Line {
  readonly level?: unknown;
  readonly msg?: unknown;
  readonly requestId?: unknown;
  readonly callerRequestId?: unknown;
  readonly err?: { readonly message?: unknown };
}

/** A caller cannot cause errors of the gateway. */
export const NO_ERROR_LINES = 'no error lines because of callers';

/** A request that must have exactly one line. */
export interface Logged {
  readonly request: FuzzRequest;
  readonly gateway: string;
  readonly what: string;
}

/** Reads the log lines of the gateways, and matches them with requests. */
export class LogLines {
  #lines = 0;
  /** Request lines by request ID, and by the ID of the caller. */
  readonly #counts = new Map<string, number>();
  readonly #errors: { readonly gateway: string; readonly line: Line; readonly text: string }[] = [];
  readonly #byRequestId = new Map<string, Logged>();
  readonly #byCallerId = new Map<string, Logged>();

  constructor(
    private readonly canaries: Canaries,
    private readonly report: (breach: Breach, gateway: string) => void,
  ) {}

  get lines(): number {
    return this.#lines;
  }

  /** Takes one line that a gateway has written. */
  read(gateway: string, text: string): void {
    this.#lines += 1;
    const canary = this.canaries.inLog(text);
    if (canary !== undefined)
      this.report({ property: 'nothing secret in logs', kind: canary.slice(0, 12), detail: text }, gateway);
    const line = lineOf(text);
    if (line === undefined)
      return this.report(
        { property: 'JSON lines', kind: text.replace(/\d/g, '').slice(0, 60), detail: text },
        gateway,
      );
    if (line.level === 'error' || line.level === 'fatal') this.#errors.push({ gateway, line, text });
    if (line.msg !== 'request') return;
    for (const id of new Set([line.requestId, line.callerRequestId]))
      if (typeof id === 'string') this.#counts.set(id, (this.#counts.get(id) ?? 0) + 1);
  }

  /** Expects one line with the request ID of a response. */
  expect(requestId: string, logged: Logged): void {
    this.#byRequestId.set(requestId, logged);
  }

  /** Expects one line of a request without a response. */
  expectOfCaller(callerId: string, logged: Logged): void {
    this.#byCallerId.set(callerId, logged);
  }

  /** Whether every expected line is there. */
  get complete(): boolean {
    return [this.#byRequestId, this.#byCallerId].every((expected) =>
      [...expected.keys()].every((id) => this.#counts.has(id)),
    );
  }

  /** Returns error lines, and the requests that do not have exactly one line. Forgets all others. */
  settle(): (Breach & { readonly gateway: string; readonly request: FuzzRequest | undefined })[] {
    const errors = this.#errors.splice(0).map(({ gateway, line, text }) => ({
      property: NO_ERROR_LINES,
      kind: `${String(line.msg)} ${String(line.err?.message).slice(0, 60)}`,
      detail: text.slice(0, 1_500),
      gateway,
      request: this.#byRequestId.get(String(line.requestId))?.request,
    }));
    const wrong = [...this.#byRequestId, ...this.#byCallerId].flatMap(([id, logged]) => {
      const count = this.#counts.get(id) ?? 0;
      if (count === 1) return [];
      const lines = count === 0 ? 'no line' : `${count} lines`;
      return [{ ...logged, property: 'one request line', kind: `${lines}: ${logged.what}`, detail: id }];
    });
    for (const map of [this.#counts, this.#byRequestId, this.#byCallerId]) map.clear();
    return [...errors, ...wrong];
  }
}

function lineOf(text: string): Line | undefined {
  try {
    const line: unknown = JSON.parse(text);
    return typeof line === 'object' && line !== null ? line : undefined;
  } catch {
    return undefined;
  }
}
