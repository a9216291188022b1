/** Returns the parsed text, or `undefined` if it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // All callers treat invalid JSON like JSON of the wrong shape.
    return undefined;
  }
}
