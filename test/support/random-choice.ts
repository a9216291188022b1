import fc from 'fast-check';

/** Decisions of a test case, which fast-check repeats, and makes smaller when the case fails. */
export class RandomChoice {
  constructor(private readonly generated: fc.GeneratorValue) {}

  /** A number from 0 up to, and without, the count. */
  below(count: number): number {
    return this.generated(fc.nat, count - 1);
  }

  /** True about once in so many times. */
  onceIn(count: number): boolean {
    return this.below(count) === count - 1;
  }

  of<T>(values: readonly [T, ...T[]]): T {
    return values[this.below(values.length)] ?? values[0];
  }

  /** From one to so many of what is made. */
  some<T>(most: number, make: (index: number) => T): T[] {
    return Array.from({ length: 1 + this.below(most) }, (_, index) => make(index));
  }
}
