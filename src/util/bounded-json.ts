import { isRecord } from './is-record.js';

/** Bounds what is allocated for one response. Every list of readable texts that CAMS may return within its own limits fits. */
export const MAX_JSON_BYTES = 1024 * 1024;

/** Counts bytes up to a limit. */
interface Budget {
  left: number;
}

/** What JSON escapes, in up to six bytes. */
const ESCAPED = /["\\\p{Cc}]/v;

/** Returns whether the JSON of a value has more bytes than allowed, without building it. Stops as soon as the limit is exceeded. */
export function exceedsJsonLimit(value: unknown, maxBytes = MAX_JSON_BYTES): boolean {
  const budget = { left: maxBytes };
  spend(value, budget);
  return budget.left < 0;
}

function spend(value: unknown, budget: Budget): void {
  if (budget.left < 0) return;
  if (typeof value === 'string') spendText(value, budget);
  else if (Array.isArray(value)) spendList(value, budget);
  else if (isRecord(value)) spendRecord(value, budget);
  else budget.left -= 6;
}

function spendText(text: string, budget: Budget): void {
  budget.left -= text.length + 3;
  // A text that is too long is not looked at, however many bytes its characters take.
  if (budget.left >= 0) budget.left -= Buffer.byteLength(jsonOf(text)) - text.length;
}

/** Returns the text as it is in JSON, without quotes if it needs no escapes. */
function jsonOf(text: string): string {
  return ESCAPED.test(text) || !text.isWellFormed() ? JSON.stringify(text) : text;
}

function spendList(list: readonly unknown[], budget: Budget): void {
  budget.left -= 2;
  for (const item of list) {
    spend(item, budget);
    if (budget.left < 0) return;
  }
}

function spendRecord(record: Readonly<Record<string, unknown>>, budget: Budget): void {
  budget.left -= 2;
  for (const key in record) {
    if (!Object.hasOwn(record, key)) continue;
    budget.left -= key.length + 3;
    spend(record[key], budget);
    if (budget.left < 0) return;
  }
}
