/**
 * Returns the JSON of a parsed JSON value, to use as its name. `undefined` if it contains an infinite number, such as `1e400`: the
 * JSON of that is `null`.
 */
export function jsonName(value: unknown): string | undefined {
  const name = JSON.stringify(value);
  return name.includes('null') && hasInfinity(value) ? undefined : name;
}

function hasInfinity(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(hasInfinity);
}
