import type { Random } from '../../coherence/random.js';
import type { Spoil } from './upstream-proxy.js';

type JsonValue = unknown;

/** Of a member: it must not be logged. */
const NUMBER = '8669900112233';
/** An ID of a group may be any number, and is logged. */
const NUMBER_OF_A_GROUP = '120363025246125486';

const WRONG: readonly JsonValue[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  '',
  'NaN',
  '\u0000',
  '\ud800',
  '\u202e',
  'x'.repeat(100_000),
  [],
  [null],
  [[]],
  {},
  { __proto__: null, constructor: 1 },
  ['toString'],
  NUMBER,
];
const NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'then',
  'toJSON',
  'valueOf',
  'length',
];

/** Changes the content of a response: wrong types, missing and additional fields, deep nesting. */
export function wrongContent(random: Random, note: (name: string) => void): Spoil {
  return (response, { status, type, body }) => {
    let text = body.toString();
    for (let change = random.between(1, 3); change > 0; change -= 1) {
      const [name, changed] = changedText(text, random);
      note(name);
      text = changed;
    }
    const bytes = Buffer.from(text);
    response.writeHead(status, { 'content-type': type, 'content-length': bytes.length }).end(bytes);
  };
}

export const WRONG_CONTENT = [
  'another value',
  'a missing field',
  'an additional field',
  'deep nesting',
  'a repeated row',
  'a repeated field',
] as const;

function changedText(text: string, random: Random): [name: string, text: string] {
  const name = random.pick(WRONG_CONTENT);
  let whole: JsonValue;
  try {
    whole = JSON.parse(text);
  } catch {
    return [name, text];
  }
  if (typeof whole !== 'object' || whole === null) return [name, text];
  if (name === 'a repeated field') return [name, text.replace(/"(\w+)":/, '"$1":null,"$1":')];
  const places = placesIn(whole);
  const [holder, key] = random.pick(places.length === 0 ? [[{}, ''] as const] : places);
  switch (name) {
    case 'another value': {
      const value = random.pick(WRONG);
      put(holder, key, key === 'GroupId' && value === NUMBER ? NUMBER_OF_A_GROUP : value);
      break;
    }
    case 'a missing field':
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else Reflect.deleteProperty(holder, key);
      break;
    case 'an additional field':
      put(holder, random.pick(NAMES), random.pick(WRONG));
      break;
    case 'deep nesting':
      put(holder, key, nested(random.pick([10, 40, 3_000])));
      break;
    case 'a repeated row':
      if (Array.isArray(holder)) holder.push(...Array(random.pick([1, 200])).fill(holder[0]));
      break;
  }
  return [name, JSON.stringify(whole)];
}

type Holder = Record<string, JsonValue> | JsonValue[];

/** Every place in the value, at most some hundreds. */
function placesIn(
  value: JsonValue,
  found: (readonly [Holder, string])[] = [],
): (readonly [Holder, string])[] {
  if (typeof value !== 'object' || value === null || found.length > 500) return found;
  for (const [key, inner] of Object.entries(value)) {
    found.push([value as Holder, key]);
    placesIn(inner, found);
  }
  return found;
}

function put(holder: Holder, key: string, value: JsonValue): void {
  if (Array.isArray(holder) && key === 'length') return void holder.push(value);
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

function nested(depth: number): JsonValue {
  let value: JsonValue = 'deep';
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}
