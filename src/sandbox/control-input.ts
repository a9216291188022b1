import { FAULT_KINDS, type Fault, type FaultKind } from './faults.js';
import { isAction } from './operations.js';
import { parseJson } from '../util/parse-json.js';
import { isPhoneNumber } from './parameters.js';
import { isRecord } from '../util/is-record.js';
import { DAY_MS } from '../util/durations.js';

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

  phoneNumber(name: string): string {
    const value = this.requiredText(name);
    if (isPhoneNumber(value)) return value;
    throw new ControlError(400, `${name} must be 5 to 20 digits.`);
  }

  phoneNumbers(name: string): string[] | undefined {
    const is = (value: unknown): value is string[] =>
      Array.isArray(value) && value.every((item) => typeof item === 'string' && isPhoneNumber(item));
    return this.#read(name, 'a list of phone numbers, each 5 to 20 digits', is);
  }

  #read<T>(name: string, what: string, is: (value: unknown) => value is T): T | undefined {
    const value = this.#fields[name];
    if (value === undefined || is(value)) return value;
    throw new ControlError(400, `${name} must be ${what}.`);
  }
}

/** Reads a new fault from a request body. */
export function readFault(body: string): Omit<Fault, 'id'> {
  const input = new ControlInput(body, [
    'action',
    'kind',
    'count',
    'ratio',
    'ms',
    'code',
    'message',
    'status',
    'body',
    'apply',
  ]);
  const kind = input.oneOf('kind', FAULT_KINDS);
  if (kind === undefined) throw new ControlError(400, `kind is required: one of ${FAULT_KINDS.join(', ')}.`);
  const ms = input.integer('ms', 0, DAY_MS);
  if (ms === undefined && (kind === 'latency' || kind === 'late-apply')) {
    throw new ControlError(400, `ms is required for ${kind}.`);
  }
  return {
    kind,
    action: checkAction(input.text('action')),
    count: input.integer('count', 1, 1_000_000_000),
    ratio: input.ratio('ratio'),
    ms,
    code: input.text('code'),
    message: input.text('message'),
    status: input.integer('status', 200, 599),
    body: input.text('body'),
    apply: input.flag('apply'),
  };
}

/** Reads which faults to remove. An omitted field matches every fault. */
export function readFaultSelection(
  body: string,
  query: URLSearchParams,
): { id?: number | undefined; kind?: FaultKind | undefined; action?: string | undefined } {
  const id = query.get('id');
  const fromQuery = { ...Object.fromEntries(query), ...(id !== null && { id: Number(id) }) };
  const input = new ControlInput(body.trim() === '' ? JSON.stringify(fromQuery) : body, [
    'id',
    'kind',
    'action',
    // The other fields of a fault are accepted, so that the body that added a fault also removes it.
    'count',
    'ratio',
    'ms',
    'code',
    'message',
    'status',
    'body',
    'apply',
  ]);
  return {
    id: input.integer('id', 1, Number.MAX_SAFE_INTEGER),
    kind: input.oneOf('kind', FAULT_KINDS),
    action: checkAction(input.text('action')),
  };
}

function checkAction(action: string | undefined): string | undefined {
  if (action === undefined || isAction(action)) return action;
  throw new ControlError(400, `action ${action} does not exist.`);
}
