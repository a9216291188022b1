/** Maximum nesting of JSON that comes in. What the gateway accepts, stores and receives needs fewer than ten levels. */
export const MAX_JSON_DEPTH = 32;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Counts brackets outside strings in a text that comes in parts, whether or not it is JSON. Takes linear time. */
export class JsonDepth {
  #depth = 0;
  #isInString = false;
  /** Whether the last part ended in a backslash that escapes what comes next. */
  #isEscaped = false;
  #isTooDeep = false;

  /** Reads the next part. Returns whether the text is nested too deeply. */
  add(part: string): boolean {
    for (let at = 0; at < part.length && !this.#isTooDeep; at += 1) {
      if (this.#isInString) at = this.#skipString(part, at);
      else this.#count(part.charCodeAt(at));
    }
    return this.#isTooDeep;
  }

  #count(code: number): void {
    if (code === QUOTE) this.#isInString = true;
    else if (code === 0x5b || code === 0x7b) this.#isTooDeep = ++this.#depth > MAX_JSON_DEPTH;
    else if (code === 0x5d || code === 0x7d) this.#depth -= 1;
  }

  /** Returns the place of the closing quote, or the end of the part. */
  #skipString(part: string, from: number): number {
    let start = from;
    if (this.#isEscaped) start += 1;
    this.#isEscaped = false;
    for (let end = part.indexOf('"', start); end !== -1; end = part.indexOf('"', end + 1)) {
      if (!endsEscaped(part, start, end)) {
        this.#isInString = false;
        return end;
      }
    }
    this.#isEscaped = endsEscaped(part, start, part.length);
    return part.length;
  }
}

/** Whether an odd number of backslashes precedes a place: an even number escape each other. */
function endsEscaped(part: string, start: number, end: number): boolean {
  let before = end - 1;
  while (before >= start && part.charCodeAt(before) === BACKSLASH) before -= 1;
  return (end - before) % 2 === 0;
}

/** Whether a text is nested too deeply to be parsed. */
export function isTooDeep(text: string): boolean {
  return new JsonDepth().add(text);
}
