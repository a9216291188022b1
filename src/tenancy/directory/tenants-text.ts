/** Some tenants of a large file, as text. */
export interface Portion {
  readonly text: string;
  /** Its first line, counted from 1. */
  readonly firstLine: number;
  /** Index of its first tenant, and how many there are. */
  readonly firstTenant: number;
  readonly tenants: number;
}

// Only a line feed ends a line here: with the flag `m`, `^` and `$` also match at other characters, which YAML allows within texts.
const TENANTS = /(?<=^|\n)tenants: *(?:#[^\n]*)?\r?\n/;
const CONTENT = /(?<=^|\n)(?![ \t]*(?:#[^\n]*)?\r?(?:\n|$))/g;
const ITEM = /( *)-(?=[ \r\n])/y;

/**
 * The text of a tenants file, split into portions of whole tenants, so that it need not be parsed at once. Possible if its
 * tenants are a list in block style: an item per tenant, which begins with `-`.
 */
export class TenantsText {
  private constructor(
    private readonly text: string,
    /** Where the lines of the tenants begin and end. */
    private readonly from: number,
    private readonly to: number,
    private readonly starts: readonly (Pick<Portion, 'firstLine' | 'firstTenant'> & {
      readonly at: number;
    })[],
    readonly tenants: number,
  ) {}

  /** Returns `undefined` if the text can only be parsed as a whole. A portion has about as many characters as given. */
  static split(text: string, portionCharacters: number): TenantsText | undefined {
    const header = TENANTS.exec(text);
    if (!header) return undefined;
    const from = header.index + header[0].length;
    CONTENT.lastIndex = from;
    ITEM.lastIndex = CONTENT.exec(text)?.index ?? text.length;
    const indent = ITEM.exec(text)?.[1];
    if (indent === undefined) return undefined;
    const to = endOf(text, from, indent.length);
    const starts: (Pick<Portion, 'firstLine' | 'firstTenant'> & { at: number })[] = [];
    let tenants = 0;
    const items = new RegExp(`(?<=\\n) {${indent.length}}-(?=[ \\r\\n])`, 'g');
    items.lastIndex = from;
    for (let item = items.exec(text); item && item.index < to; item = items.exec(text)) {
      const { at, firstLine } = starts.at(-1) ?? { at: 0, firstLine: 1 };
      if (tenants === 0 || item.index - at >= portionCharacters)
        starts.push({
          at: item.index,
          firstLine: firstLine + newlines(text, at, item.index),
          firstTenant: tenants,
        });
      tenants += 1;
    }
    return new TenantsText(text, from, to, starts, tenants);
  }

  /** Everything but the tenants. */
  get rest(): string {
    return this.text.slice(0, this.from) + this.text.slice(this.to);
  }

  /** Like {@link rest}, with an empty line for each of the tenants, so that the others keep their numbers. */
  get restInPlace(): string {
    const { text, from, to } = this;
    return text.slice(0, from) + '\n'.repeat(newlines(text, from, to)) + text.slice(to);
  }

  *portions(): Iterable<Portion> {
    for (const index of this.starts.keys()) yield this.#portion(index);
  }

  /** Returns the portion with the tenant of this index. */
  portionOf(tenant: number): Portion {
    return this.#portion(this.starts.findLastIndex(({ firstTenant }) => firstTenant <= tenant));
  }

  #portion(index: number): Portion {
    const { at, firstLine, firstTenant } = this.starts[index] ?? { at: 0, firstLine: 1, firstTenant: 0 };
    const next = this.starts[index + 1];
    const tenants = (next?.firstTenant ?? this.tenants) - firstTenant;
    return { text: this.text.slice(at, next?.at ?? this.to), firstLine, firstTenant, tenants };
  }
}

/** Returns where the first line begins that is not part of the list. */
function endOf(text: string, from: number, indent: number): number {
  const outdented = indent === 0 ? '[^-\\s#]' : ` {0,${indent - 1}}(?![ \\t]*\\r?(?:\\n|$))[^ #]`;
  const line = new RegExp(`(?<=\\n)${outdented}`, 'g');
  line.lastIndex = from;
  return line.exec(text)?.index ?? text.length;
}

function newlines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
