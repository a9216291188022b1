const INSTANT = /^\d{4}-\d{2}-(\d{2})T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

/** Milliseconds since 1970 of an RFC 3339 date with time and zone; `null` for anything else, February 30th included. */
export function parseRfc3339(text: string): number | null {
  const day = INSTANT.exec(text)?.[1];
  const instant = Date.parse(text);
  if (day === undefined || Number.isNaN(instant)) return null;
  // Date rolls a day that the month does not have over into the next one.
  const calendarDay = new Date(`${text.slice(0, 10)}T00:00:00Z`).getUTCDate();
  return calendarDay === Number(day) ? instant : null;
}
