import { onceIn } from '../../chance.js';
import type { Random } from '../../coherence/random.js';
import { INHERITED_NAMES, oddValue } from './values.js';

/** JSON that is nested so deeply that it can be parsed, but not serialized again. */
export function isDeep(text: string): boolean {
  return /\[{600}|(\{"a":){600}/.test(text);
}

/** Changes one value of a JSON text: replaces it, removes it, wraps it, or adds a field. */
export function changedJson(random: Random, text: string): string {
  // A repeated field, which no object can hold.
  if (onceIn(random, 8)) return text.replace(/"(\w+)":/, '"$1":null,"$1":');
  if (isDeep(text)) return text;
  let whole: unknown;
  try {
    whole = JSON.parse(text);
  } catch {
    return text;
  }
  if (typeof whole !== 'object' || whole === null) return JSON.stringify(oddValue(random)) ?? '';
  const holders: object[] = [whole];
  for (const holder of holders)
    for (const value of Object.values(holder))
      if (typeof value === 'object' && value !== null && holders.length < 100) holders.push(value);
  const holder = random.pick(holders);
  const keys = Object.keys(holder);
  const key =
    keys.length === 0 || onceIn(random, 3)
      ? random.pick([...INHERITED_NAMES, 'extra', '', '0', 'id'])
      : random.pick(keys);
  if (onceIn(random, 4)) Reflect.deleteProperty(holder, key);
  else {
    const before = (holder as Record<string, unknown>)[key];
    const value = onceIn(random, 4) ? [before] : oddValue(random);
    Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return JSON.stringify(whole);
}
