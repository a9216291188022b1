/** A node of a YAML file: its value, its path for messages, and the shared list of faults. */
export class YamlReader {
  constructor(
    readonly value: unknown,
    readonly path: string,
    private readonly faults: string[],
  ) {}

  get absent(): boolean {
    return this.value === undefined;
  }

  /** Records a fault. It must not quote values: faults are logged, and values may be secrets or phone numbers. */
  fault(problem: string): void {
    this.faults.push(this.path === '' ? problem : `${this.path}: ${problem}`);
  }

  /** Returns a getter for the fields, or `null` if this is not a mapping. Fields with other names are faults. */
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

  /** Returns the items, or none if this is not a list or is longer than allowed. */
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

  /** Returns text that matches the pattern. Otherwise records a fault and returns `''`. */
  text(pattern: RegExp, what: string): string {
    if (typeof this.value === 'string' && pattern.test(this.value)) return this.value;
    const quotes = typeof this.value === 'number' ? ', in quotes' : '';
    this.fault(this.absent ? 'is required' : `must be ${what}${quotes}`);
    return '';
  }

  /** Returns a number within the range, or the fallback if absent. */
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
    const known = `unknown field; known fields: ${names.join(', ')}`;
    // A name with an unusual format may be a misplaced value; do not quote it.
    if (/^[A-Za-z][A-Za-z_-]{0,39}$/.test(name)) this.#child(name, undefined).fault(known);
    else this.fault(known);
  }
}
