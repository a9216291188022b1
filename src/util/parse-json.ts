/** The parsed text; `undefined` for text that is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Every caller treats text that is not JSON like JSON of a wrong shape.
    return undefined;
  }
}
