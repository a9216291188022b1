import type { FuzzRequest } from '../requests/draft.js';

/** A broken property. */
export interface Breach {
  /** What should have held, such as `no internal error`. */
  readonly property: string;
  /** Distinguishes findings: the same cause should give the same text. */
  readonly kind: string;
  readonly detail: string;
}

export interface Finding extends Breach {
  count: number;
  readonly phase: string;
  /** The gateway that broke it. */
  readonly gateway: string;
  /** The first request that showed it; a smaller one once it was reduced. */
  request: FuzzRequest | undefined;
  /** Whether the same request shows it again. */
  repeatable: boolean;
}

/** Collects breaches, one finding for each property and kind. */
export class Findings {
  readonly #found = new Map<string, Finding>();

  add(breach: Breach, where: Pick<Finding, 'phase' | 'gateway' | 'request'>): void {
    const key = signature(breach);
    const known = this.#found.get(key);
    if (known) known.count += 1;
    else this.#found.set(key, { ...breach, ...where, count: 1, repeatable: false });
  }

  get all(): readonly Finding[] {
    return [...this.#found.values()];
  }
}

export function signature({ property, kind }: Breach): string {
  return `${property}: ${kind}`;
}
