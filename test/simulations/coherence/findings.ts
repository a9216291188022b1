import type { Scope } from './groups.js';

export interface Violation {
  readonly kind: 'stale' | 'phantom' | 'missing' | 'lost' | 'unwanted';
  readonly group: string;
  readonly detail: string;
  /** Earlier events of the scope. */
  readonly history: readonly string[];
}

const HISTORY = 40;

/** Collects violations with the events before them. */
export class Findings {
  readonly violations: Violation[] = [];
  readonly #histories = new Map<Scope, string[]>();
  #tell: () => void = () => undefined;

  constructor(
    scopes: readonly Scope[],
    private readonly startedAtMs: number,
  ) {
    for (const scope of scopes) this.#histories.set(scope, []);
  }

  /** Registers a callback for violations. */
  onViolation(tell: () => void): void {
    this.#tell = tell;
  }

  count(kind: Violation['kind']): number {
    return this.violations.filter((violation) => violation.kind === kind).length;
  }

  /** Records an event of one scope, or of all. */
  note(scope: Scope | undefined, what: string): void {
    const line = `${this.#now()} ms ${what}`;
    for (const history of scope ? [this.#history(scope)] : this.#histories.values()) {
      history.push(line);
      if (history.length > HISTORY) history.shift();
    }
  }

  violated(kind: Violation['kind'], scope: Scope, group: string, detail: string): void {
    const history = [...this.#history(scope)];
    this.violations.push({ kind, group, detail: `${this.#now()} ms ${detail}`, history });
    this.#tell();
  }

  #now(): string {
    return (performance.now() - this.startedAtMs).toFixed(0);
  }

  #history(scope: Scope): string[] {
    return this.#histories.get(scope) ?? [];
  }
}
