/** Returns counts for a report, the highest first. */
export function listed(counts: Readonly<Record<string, number>>): string {
  return (
    Object.entries(counts)
      .toSorted(([, a], [, b]) => b - a)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ') || 'none'
  );
}
