/** The groups do not change after the start. */
const asOf = new Date().toISOString();

/** Returns the cursors of a page: as offsets, the simplest form. */
export function pageEnds(index: number, size: number, total: number) {
  const first = (index - 1) * size;
  const cursor = (offset: number): string => Buffer.from(`offset:${offset}`).toString('base64url');
  const last = Math.min(first + size, total) - 1;
  return last < first
    ? { startCursor: null, endCursor: null }
    : { startCursor: cursor(first), endCursor: cursor(last) };
}

/** The body of a REST list. */
export function restPage(groups: readonly object[], index: number, size: number) {
  const total = groups.length;
  return {
    data: groups.slice((index - 1) * size, index * size),
    page: { index, size, total, pageCount: Math.ceil(total / size), ...pageEnds(index, size, total) },
    asOf,
    stale: false,
  };
}
