import { isRecord } from './is-record.js';

/** Bounds what is allocated for one response. Every list that CAMS may return within its own limits fits. */
export const MAX_JSON_CHARACTERS = 1024 * 1024;

/** Counts characters up to a limit. */
interface Budget {
  left: number;
}

/**
 * Returns whether the JSON of a value is longer than allowed, without building it. Stops as soon as the limit is exceeded.
 * Escapes count as one character.
 */
export function exceedsJsonLimit(value: unknown, maxCharacters = MAX_JSON_CHARACTERS): boolean {
  const budget = { left: maxCharacters };
  spend(value, budget);
  return budget.left < 0;
}

function spend(value: unknown, budget: Budget): void {
  if (budget.left < 0) return;
  if (typeof value === 'string') budget.left -= value.length + 3;
  else if (Array.isArray(value)) spendList(value, budget);
  else if (isRecord(value)) spendRecord(value, budget);
  else budget.left -= 6;
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
