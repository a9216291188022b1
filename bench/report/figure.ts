/** One number that says how good the gateway is. */
export interface Figure {
  readonly name: string;
  readonly title: string;
  readonly value: number;
  /** `×`: a ratio to a peer, and then more is better; otherwise less is. */
  readonly unit: '×' | 'ms' | 'calls';
  /** What is to be reached; `null`: nothing in particular. */
  readonly target: number | null;
}

/** Whether the target is reached. */
export function isMet({ value, unit, target }: Figure): boolean {
  if (target === null) return true;
  return unit === '×' ? value >= target : value <= target;
}
