import fc from 'fast-check';

/** Random choices of a test case. fast-check can replay them, and shrinks them if the case fails. */
export class RandomChoice {
  constructor(private readonly generated: fc.GeneratorValue) {}

  /** Returns an integer from 0 to `count` - 1. */
  below(count: number): number {
    return this.generated(fc.nat, count - 1);
  }

  /** Returns true about once in `count` calls. */
  onceIn(count: number): boolean {
    return this.below(count) === count - 1;
  }

  of<T>(values: readonly [T, ...T[]]): T {
    return values[this.below(values.length)] ?? values[0];
  }

  /** Returns an array of one to `most` items. */
  some<T>(most: number, make: (index: number) => T): T[] {
    return Array.from({ length: 1 + this.below(most) }, (_, index) => make(index));
  }
}
