import type { Random } from './coherence/random.js';

/** Returns true about once in `count` calls. */
export function onceIn(random: Random, count: number): boolean {
  return random.between(1, count) === 1;
}

/** Picks one of the values by their weights. */
export function weighted<T>(random: Random, values: readonly (readonly [weight: number, value: T])[]): T {
  let place = random.next() * values.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, value] of values) {
    place -= weight;
    if (place < 0) return value;
  }
  return random.pick(values)[1];
}
