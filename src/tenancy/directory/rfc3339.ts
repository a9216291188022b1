const INSTANT = /^\d{4}-\d{2}-(\d{2})T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

/** Parses an RFC 3339 date with time and zone into Unix milliseconds. `null` if invalid, such as February 30th. */
export function parseRfc3339(text: string): number | null {
  const day = INSTANT.exec(text)?.[1];
  const instant = Date.parse(text);
  if (day === undefined || Number.isNaN(instant)) return null;
  // Date rolls over a day that does not exist into the next month.
  const calendarDay = new Date(`${text.slice(0, 10)}T00:00:00Z`).getUTCDate();
  return calendarDay === Number(day) ? instant : null;
}
