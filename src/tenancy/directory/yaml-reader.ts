import type { FaultList } from './fault-list.js';

/** A fault of a YAML file, before its place is described. */
export interface YamlFault {
  readonly at: YamlReader;
  /** Never quotes a value: faults are logged, and values may be secrets or phone numbers. */
  readonly problem: string;
  /** The earlier node that this one contradicts. */
  readonly earlier?: YamlReader | undefined;
  /** The name of an unknown field of `at`. It may be a misplaced value, so it serves only to find the line. */
  readonly field?: string;
}

/** A node of a YAML file: its value, its place, and the shared list of faults. */
export class YamlReader {
  constructor(
    readonly value: unknown,
    private readonly faults: FaultList<YamlFault>,
    private readonly parent?: YamlReader,
    readonly key: string | number = '',
  ) {}

  get absent(): boolean {
    return this.value === undefined;
  }

  /** The names and indexes that lead to this node. Built on demand: most nodes have no fault. */
  get keys(): (string | number)[] {
    return this.path.slice(1).map(({ key }) => key);
  }

  /** The nodes that lead to this one: the root first, this one last. */
  get path(): YamlReader[] {
    return this.parent ? [...this.parent.path, this] : [this];
  }

  /** Records a fault. It must not quote values: faults are logged, and values may be secrets or phone numbers. */
  fault(problem: string, earlier?: YamlReader): void {
    this.faults.add({ at: this, problem, earlier });
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
    return (name) => this.child(name, entries.get(name));
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
    return this.value.map((item, index) => this.child(index, item));
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

  /** Returns the reader of a field or an item with this value. */
  child(key: string | number, value: unknown): YamlReader {
    return new YamlReader(value, this.faults, this, key);
  }

  #unknownField(name: string, names: readonly string[]): void {
    const problem = `unknown field; known fields: ${names.join(', ')}`;
    // A name with an unusual format may be a misplaced value; do not quote it.
    if (/^[A-Za-z][A-Za-z_-]{0,39}$/.test(name)) this.child(name, undefined).fault(problem);
    else this.faults.add({ at: this, problem, field: name });
  }
}
