import { type ArgumentMetadata, Injectable, type PipeTransform, type Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { type ValidationError, validateSync } from 'class-validator';
import { LRUCache } from 'lru-cache';
import { hasMoreValues } from '../util/has-more-values.js';
import { type Violation, validationFailed } from '../errors/gateway-error.js';

/** A wrong element of a list. */
export interface ElementViolation {
  readonly index: number;
  readonly message: string;
}

/** The `context` of a validator of lists. */
export interface ListRule {
  /** Returns the wrong elements; `undefined` if the list as a whole is wrong. */
  elements(value: unknown): readonly ElementViolation[] | undefined;
}

/** Of a body or a query string. Each one that is not known takes time: 7,000 would take 44 ms. */
const MAX_VALUES = 100;
const UNKNOWN_FIELD = 'is not a known field';
const MAX_REMEMBERED = 2_000;
const MAX_REMEMBERED_CHARACTERS = 300;
const PRIMITIVES = new Set<unknown>([String, Number, Boolean, Array, Object, undefined]);

const remembered = new WeakSet<object>();

/** Marks an input class whose values recur: valid inputs are memoized and not validated again. */
export function Remembered(): ClassDecorator {
  return (type) => {
    remembered.add(type);
  };
}

/**
 * Creates an instance of the declared input class and validates it. Every invalid field is reported and unknown fields
 * are rejected. Throws `VALIDATION_FAILED`.
 */
@Injectable()
export class InputPipe implements PipeTransform {
  /** Valid inputs per class, keyed by their fields (a JSON object) and by URL (`/…`). */
  readonly #valid = new Map<unknown, LRUCache<string, object>>();
  /** Valid inputs by the value that they were made from, which the fast path passes again. */
  readonly #inputs = new WeakMap<object, object>();

  transform(value: unknown, { metatype, type }: ArgumentMetadata): unknown {
    if (type === 'custom' || PRIMITIVES.has(metatype)) return value;
    return this.checked(metatype as Type<object>, value === undefined ? {} : value);
  }

  /**
   * Validates a value. Equal values may return the same frozen object. Pass `url` only if the value was read entirely
   * from it. Throws `VALIDATION_FAILED`.
   */
  checked<T extends object>(type: Type<T>, value: unknown, url?: string): T {
    if (!remembered.has(type)) return validateInput(type, value);
    const kept = this.#inputs.get(value as object);
    if (kept instanceof type) return kept;
    const valid = this.#valid.get(type) ?? this.#remember(type);
    // Looking up the URL is cheaper than computing a key from the value.
    const known = url === undefined ? undefined : valid.get(url);
    if (known) return known as T;
    const name = nameOf(value);
    if (name === undefined || name.length > MAX_REMEMBERED_CHARACTERS) return validateInput(type, value);
    let input = valid.get(name) as T | undefined;
    if (!input) {
      input = Object.freeze(validateInput(type, value));
      valid.set(name, input);
    }
    if (url === undefined) this.#inputs.set(value as object, input);
    else if (url.length <= MAX_REMEMBERED_CHARACTERS) valid.set(url, input);
    return input;
  }

  #remember(type: unknown): LRUCache<string, object> {
    const valid = new LRUCache<string, object>({ max: MAX_REMEMBERED });
    this.#valid.set(type, valid);
    return valid;
  }
}

/** Returns a key that is equal only for equal inputs. `undefined` if a field is nested or ambiguous in JSON. */
function nameOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  for (const field of Object.values(value)) if (!isPlain(field)) return undefined;
  return JSON.stringify(value);
}

function isPlain(field: unknown): boolean {
  if (typeof field === 'number') return Number.isFinite(field);
  return typeof field === 'string' || typeof field === 'boolean' || field === null;
}

export function validateInput<T extends object>(type: Type<T>, value: unknown): T {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw validationFailed([{ field: 'body', message: 'must be a JSON object' }]);
  }
  if (hasMoreValues(value, MAX_VALUES)) {
    const message = `must have at most ${MAX_VALUES} fields and elements`;
    throw validationFailed([{ field: 'request', message }]);
  }
  const { known, refused } = withoutInherited(value);
  const input = plainToInstance(type, known, { exposeUnsetFields: false });
  const errors = validateSync(input, {
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    validationError: { target: false },
  });
  const wrong = [...errors.flatMap((error) => violations(error, '')), ...refused];
  if (wrong.length > 0) throw validationFailed(wrong);
  return withoutNulls(input);
}

// class-transformer drops fields that every object inherits (`toString`, `__proto__`), so they would not be rejected, and
// calls `constructor`, however deep it is.
function withoutInherited(value: object): { known: object; refused: Violation[] } {
  const refused: Violation[] = [];
  const copy = (part: unknown, place: string): unknown => {
    if (typeof part !== 'object' || part === null) return part;
    if (Array.isArray(part)) return part.map((item, index) => copy(item, `${place}[${index}]`));
    const fields = Object.entries(part).flatMap(([name, field]): [string, unknown][] => {
      const path = place === '' ? name : `${place}.${name}`;
      if (!(name in Object.prototype)) return [[name, copy(field, path)]];
      refused.push({ field: path, message: UNKNOWN_FIELD });
      return [];
    });
    return Object.fromEntries(fields);
  };
  return { known: copy(value, '') as object, refused };
}

// A null in an optional field means the same as omitting it. Fields that do not allow null have rejected it by now.
function withoutNulls<T extends object>(input: T): T {
  for (const [field, value] of Object.entries(input)) if (value === null) delete input[field as keyof T];
  return input;
}

function violations(error: ValidationError, parent: string): Violation[] {
  const field = [parent, error.property].filter((part) => part !== '').join('.');
  const own = Object.entries(error.constraints ?? {}).map(([constraint, message]): Violation[] => {
    const { elements } = (error.contexts?.[constraint] ?? {}) as Partial<ListRule>;
    const wrong = elements?.(error.value) ?? [];
    if (wrong.length > 0)
      return wrong.map((one) => ({ field: `${field}[${one.index}]`, message: one.message }));
    return [{ field, message: constraint === 'whitelistValidation' ? UNKNOWN_FIELD : message }];
  });
  // One message per field or element, as a form can show. The first constraint is the most basic one.
  return [...own.slice(0, 1).flat(), ...(error.children ?? []).flatMap((child) => violations(child, field))];
}
