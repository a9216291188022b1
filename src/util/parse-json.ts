import { isTooDeep, MAX_JSON_DEPTH } from './json-depth.js';

/** JSON that is nested too deeply. */
export class JsonTooDeep extends Error {
  override readonly name = 'JsonTooDeep';

  constructor() {
    super(`it is nested more than ${MAX_JSON_DEPTH} levels deep`);
  }
}

/** Returns the parsed text, or `undefined` if it is not JSON or is nested too deeply. */
export function parseJson(text: string): unknown {
  try {
    return parseJsonOrThrow(text);
  } catch {
    // All callers treat invalid JSON like JSON of the wrong shape.
    return undefined;
  }
}

/**
 * Returns the parsed text. Throws {@link JsonTooDeep}, or a `SyntaxError` whose message quotes the text. All text from
 * outside is parsed here: validators, coercion and serialization walk the value recursively and would exhaust the stack.
 */
export function parseJsonOrThrow(text: string): unknown {
  if (isTooDeep(text)) throw new JsonTooDeep();
  return JSON.parse(text) as unknown;
}
