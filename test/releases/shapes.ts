import type { Json } from '../support/gateway.js';
import type { RecordedKey, Recording } from './recording.js';

/** Fields whose values other releases compare with constants. */
const CONSTANTS: ReadonlySet<string> = new Set(['state', 'kind', 'code', 'retryable', 'dropped']);
const OPERATION_ID = /op_[\w-]+/g;
/** Keys with random names, which correspond if they are of the same kind. */
const RANDOM_NAMES = /^(cgs:[tc]:).*/;

/**
 * Returns what the other release would miss in the state of this one: records, fields, or types of fields that it wrote
 * itself. More records and fields are fine, because readers ignore what they do not know.
 */
export function missingIn(now: Recording, other: Recording): string[] {
  const shapes = shapesOf(now);
  return [...shapesOf(other)].flatMap(([name, fields]) => {
    const found = shapes.get(name);
    if (!found) return [`${name} is not written`];
    return [...fields].filter((field) => !found.has(field)).map((field) => `${name} lacks ${field}`);
  });
}

/** Returns the fields that all records of a name have, with their types. */
function shapesOf({ keys }: Recording): Map<string, ReadonlySet<string>> {
  const shapes = new Map<string, ReadonlySet<string>>();
  for (const recorded of keys) {
    const name = nameOf(recorded);
    const fields = new Set(fieldsOf(recorded));
    const others = shapes.get(name);
    shapes.set(name, others ? new Set([...fields].filter((field) => others.has(field))) : fields);
  }
  return shapes;
}

function nameOf({ key, hash }: RecordedKey): string {
  const { subject } = hash?.['v'] ?? {};
  return key.startsWith('cgs:o:') ? `cgs:o: of ${subject}` : key.replace(RANDOM_NAMES, '$1*');
}

function fieldsOf({ ttlMs, hash, set, sorted, string }: RecordedKey): string[] {
  const life = ttlMs === -1 ? 'does not expire' : 'expires';
  if (hash)
    return [life, ...Object.entries(hash).flatMap(([name, value]) => typesIn(value, fieldName(name)))];
  if (set) return [life, 'set', ...set.map(formOf)];
  if (sorted) return [life, 'sorted set', ...sorted.map(formOf)];
  return [life, `string: ${formOf(string ?? '')}`];
}

/** Writes in progress have random names. */
function fieldName(name: string): string {
  return name.replace(/^i:.*/, 'i:*');
}

function formOf(text: string): string {
  return text
    .replace(OPERATION_ID, 'operation')
    .replace(/^\d{13}(?=\.)/, 'time')
    .replace(/^\d+$/, 'number');
}

function typesIn(value: Json, path: string): string[] {
  if (Array.isArray(value)) return [`${path}: array`, ...value.flatMap((item) => typesIn(item, `${path}[]`))];
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([name, inner]) => typesIn(inner, `${path}.${name}`));
  const name = path.split('.').at(-1) ?? '';
  return [`${path}: ${CONSTANTS.has(name) ? JSON.stringify(value) : value === null ? 'null' : typeof value}`];
}
