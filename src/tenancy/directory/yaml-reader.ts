/** A place in a file: its value, its path for messages, and the list that collects what is wrong anywhere. */
export class YamlReader {
  constructor(
    readonly value: unknown,
    readonly path: string,
    private readonly faults: string[],
  ) {}

  get absent(): boolean {
    return this.value === undefined;
  }

  /** Values never stand in a fault: they may be secrets or phone numbers, and faults are logged. */
  fault(problem: string): void {
    this.faults.push(this.path === '' ? problem : `${this.path}: ${problem}`);
  }

  /** Hands out the named fields, absent ones included; `null` where this is no mapping. Other fields are faults. */
  fields<Name extends string>(names: readonly Name[]): ((name: Name) => YamlReader) | null {
    const { value } = this;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.fault(this.absent ? 'is required' : `must be a mapping of ${names.join(', ')}`);
      return null;
    }
    const known: readonly string[] = names;
    const entries = new Map<string, unknown>(Object.entries(value));
    for (const name of entries.keys()) if (!known.includes(name)) this.#unknownField(name, known);
    return (name) => this.#child(name, entries.get(name));
  }

  /** The items; none where this is no list, or one that is longer than allowed. */
  items(maxItems: number): YamlReader[] {
    if (!Array.isArray(this.value)) {
      this.fault(this.absent ? 'is required' : 'must be a list');
      return [];
    }
    if (this.value.length > maxItems) {
      this.fault(`must have at most ${maxItems} items`);
      return [];
    }
    return this.value.map((item, index) => new YamlReader(item, `${this.path}[${index}]`, this.faults));
  }

  /** Text that fits the pattern; otherwise a fault, and `''`. */
  text(pattern: RegExp, what: string): string {
    if (typeof this.value === 'string' && pattern.test(this.value)) return this.value;
    const quotes = typeof this.value === 'number' ? ', in quotes' : '';
    this.fault(this.absent ? 'is required' : `must be ${what}${quotes}`);
    return '';
  }

  /** A number of the range, or the fallback where absent. */
  number(fallback: number, min: number, max: number, kind: 'whole number' | 'number'): number {
    if (this.absent) return fallback;
    const { value } = this;
    const fits = typeof value === 'number' && value >= min && value <= max;
    if (fits && (kind === 'number' || Number.isInteger(value))) return value;
    this.fault(`must be a ${kind} from ${min} to ${max}`);
    return fallback;
  }

  #child(name: string, value: unknown): YamlReader {
    return new YamlReader(value, this.path === '' ? name : `${this.path}.${name}`, this.faults);
  }

  #unknownField(name: string, names: readonly string[]): void {
    const known = `unknown field; known are ${names.join(', ')}`;
    // A name that does not look like one may be a value that slipped out of place.
    if (/^[A-Za-z][A-Za-z_-]{0,39}$/.test(name)) this.#child(name, undefined).fault(known);
    else this.fault(known);
  }
}
