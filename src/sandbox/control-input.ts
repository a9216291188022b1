import { parseJson } from '../util/parse-json.js';
import { isRecord } from '../util/is-record.js';

/** A control request that cannot be carried out. The response has this `status` and message. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** The fields of a control's JSON. Each is validated when it is read. Unknown fields are rejected, to catch typos. */
export class ControlInput {
  readonly #fields: Record<string, unknown>;

  constructor(body: string, known: readonly string[]) {
    const fields = body.trim() === '' ? {} : parseJson(body);
    if (!isRecord(fields)) throw new ControlError(400, 'The body must be a JSON object.');
    const unknown = Object.keys(fields).find((name) => !known.includes(name));
    if (unknown !== undefined) {
      throw new ControlError(
        400,
        `${unknown} is not a field of this control. Known fields: ${known.join(', ')}.`,
      );
    }
    this.#fields = fields;
  }

  has(name: string): boolean {
    return this.#fields[name] !== undefined;
  }

  isNull(name: string): boolean {
    return this.#fields[name] === null;
  }

  text(name: string): string | undefined {
    return this.#read(name, 'a string', (value): value is string => typeof value === 'string');
  }

  requiredText(name: string): string {
    const value = this.text(name);
    if (value) return value;
    throw new ControlError(400, `${name} is required.`);
  }

  textOrNull(name: string): string | null | undefined {
    return this.isNull(name) ? null : this.text(name);
  }

  oneOf<T extends string>(name: string, values: readonly T[]): T | undefined {
    const is = (value: unknown): value is T => values.some((allowed) => allowed === value);
    return this.#read(name, `one of ${values.join(', ')}`, is);
  }

  flag(name: string): boolean | undefined {
    return this.#read(name, 'true or false', (value): value is boolean => typeof value === 'boolean');
  }

  integer(name: string, min: number, max: number): number | undefined {
    const is = (value: unknown): value is number =>
      Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
    return this.#read(name, `a whole number from ${min} to ${max}`, is);
  }

  ratio(name: string): number | undefined {
    const is = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= 1;
    return this.#read(name, 'a number from 0 to 1', is);
  }

  /** Texts may be empty, so that tests can make rows that no client can use. */
  texts(name: string): string[] | undefined {
    const is = (value: unknown): value is string[] =>
      Array.isArray(value) && value.every((item) => typeof item === 'string');
    return this.#read(name, 'a list of strings', is);
  }

  /** Returns the fields of an object; none if it is absent. */
  nested(name: string, known: readonly string[]): ControlInput {
    return new ControlInput(JSON.stringify(this.#read(name, 'an object', isRecord) ?? {}), known);
  }

  #read<T>(name: string, what: string, is: (value: unknown) => value is T): T | undefined {
    const value = this.#fields[name];
    if (value === undefined || is(value)) return value;
    throw new ControlError(400, `${name} must be ${what}.`);
  }
}
