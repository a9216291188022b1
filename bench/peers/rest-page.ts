/** The groups do not change after the start. */
const asOf = new Date().toISOString();

/** The body of a REST list. */
export function restPage(groups: readonly object[], index: number, size: number) {
  const total = groups.length;
  return {
    data: groups.slice((index - 1) * size, index * size),
    page: { index, size, total, pageCount: Math.ceil(total / size) },
    asOf,
    stale: false,
  };
}
