import { parseJsonOrThrow } from './parse-json.js';

/** Strings, and the characters that structure JSON. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]/gs;

/**
 * Whether an object in valid JSON has two members of the same name. `JSON.parse` takes the last one; another program may
 * take the first.
 */
export function hasDuplicateMembers(json: string): boolean {
  /** The names in each open object; `null` for an array. */
  const open: (Set<string> | null)[] = [];
  let previous = '';
  for (const [token] of json.matchAll(TOKENS)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(null);
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') {
      // Names that are written differently can be equal.
      const name = String(parseJsonOrThrow(previous));
      const names = open.at(-1);
      if (names?.has(name)) return true;
      names?.add(name);
    }
    previous = token;
  }
  return false;
}
