/** A quantile of sorted numbers, by nearest rank. Throws if there are none. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new Error('Nothing was measured.');
  return value;
}

/** The middle value; the mean of the middle two if the count is even. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const above = Math.floor(sorted.length / 2);
  const upper = sorted[above];
  const lower = sorted[sorted.length % 2 === 0 ? above - 1 : above];
  if (upper === undefined || lower === undefined) throw new Error('Nothing was measured.');
  return (lower + upper) / 2;
}
