/** Returns whether a value has more than this many fields and elements, however deep. Stops counting there. */
export function hasMoreValues(value: unknown, limit: number): boolean {
  const waiting = [value];
  for (const one of waiting) {
    if (typeof one !== 'object' || one === null) continue;
    for (const name in one) {
      if (!Object.hasOwn(one, name)) continue;
      waiting.push((one as Record<string, unknown>)[name]);
      if (waiting.length > limit + 1) return true;
    }
  }
  return false;
}
