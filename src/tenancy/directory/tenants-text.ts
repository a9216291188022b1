/** Some tenants of a large file, as text. */
export interface Portion {
  readonly text: string;
  /** Its first line, counted from 1. */
  readonly firstLine: number;
  /** Index of its first tenant, and how many there are. */
  readonly firstTenant: number;
  readonly tenants: number;
}

const TENANTS = /^tenants:[ ]*(?:#.*)?\r?\n/m;
const CONTENT = /^(?![ \t]*(?:#.*)?\r?$)/gm;
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
    /** Where the lines of each portion begin, and the index of its first tenant. */
    private readonly starts: readonly { readonly at: number; readonly firstTenant: number }[],
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
    const starts: { at: number; firstTenant: number }[] = [];
    let tenants = 0;
    const items = new RegExp(`^ {${indent.length}}-(?=[ \\r\\n])`, 'gm');
    items.lastIndex = from;
    for (let item = items.exec(text); item && item.index < to; item = items.exec(text)) {
      const latest = starts.at(-1);
      if (!latest || item.index - latest.at >= portionCharacters)
        starts.push({ at: item.index, firstTenant: tenants });
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
    let firstLine = 1 + newlines(this.text, 0, this.starts[0]?.at ?? 0);
    for (const [index, { at, firstTenant }] of this.starts.entries()) {
      const next = this.starts[index + 1];
      const end = next?.at ?? this.to;
      const tenants = (next?.firstTenant ?? this.tenants) - firstTenant;
      yield { text: this.text.slice(at, end), firstLine, firstTenant, tenants };
      firstLine += newlines(this.text, at, end);
    }
  }

  /** Returns the portion with the tenant of this index. */
  portionOf(tenant: number): Portion | undefined {
    for (const portion of this.portions()) if (tenant < portion.firstTenant + portion.tenants) return portion;
    return undefined;
  }
}

/** Returns where the first line begins that is not part of the list. */
function endOf(text: string, from: number, indent: number): number {
  const outdented = new RegExp(indent === 0 ? '^[^-\\s#]' : `^ {0,${indent - 1}}[^ \\r\\n#]`, 'gm');
  outdented.lastIndex = from;
  return outdented.exec(text)?.index ?? text.length;
}

function newlines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
