/** A single number, with its target if it has one. */
export interface Figure {
  readonly name: string;
  readonly title: string;
  readonly value: number;
  /** `×` is a ratio to a peer, where more is better. For the others less is better. */
  readonly unit: '×' | 'ms' | 'calls';
  /** `null` if there is no target. */
  readonly target: number | null;
}

/** Whether the target is met. */
export function isMet({ value, unit, target }: Figure): boolean {
  if (target === null) return true;
  return unit === '×' ? value >= target : value <= target;
}
