import { isEnumType, isInputObjectType, isListType, isNonNullType, type GraphQLInputType } from 'graphql';
import { resolved, type Schema } from '../../../support/openapi-file.js';
import { onceIn, weighted } from '../../chance.js';
import type { Random } from '../../coherence/random.js';
import { MEMBERS } from '../settings.js';
import type { TenantValues, Kind } from './known-values.js';

/** Names of fields and arguments whose values must be known ones. Everything else follows from the schema. */
const KNOWN: readonly (readonly [name: RegExp, kind: Kind])[] = [
  [/^groupId$/i, 'groupId'],
  [/^(after|before|cursor)$/, 'cursor'],
  [/^if-?(none-?)?match$/i, 'etag'],
  [/^idempotency-?key$/i, 'idempotencyKey'],
];
const LENGTHS = [0, 1, 2, 127, 128, 129, 255, 256, 257, 1_024, 2_048, 2_049, 4_097, 8_200, 20_000];
export const INHERITED_NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'then',
  'toJSON',
  '__defineGetter__',
  'isPrototypeOf',
] as const;
const ODD_TEXTS = [
  '',
  ' ',
  '\t',
  '\n',
  '\r\nX-Injected: 1',
  '\u0000',
  'a\u0000b',
  '\u001b[31m',
  '\ud800',
  'a\udc00b',
  '\u202eabc\u202c',
  '\u200b',
  '\ufeff',
  '\uff11\uff12\uff13',
  '\u0661\u0662\u0663',
  '\u{1f3d4}\ufe0f',
  'e\u0301',
  '\u2028',
  'null',
  'undefined',
  'NaN',
  '-1',
  '1e999',
  '0x10',
  '%00',
  '%',
  '%2e%2e%2f',
  '../..',
  '{}',
  '[]',
  "' OR 1=1",
  '<script>',
  '${7*7}',
  'true',
  '*',
  '"',
  '\\',
  'W/"x"',
  'https://evil.example.com/',
  'javascript:1',
  ...INHERITED_NAMES,
] as const;
const ODD_NUMBERS = [
  0,
  -0,
  -1,
  1,
  2,
  99,
  100,
  101,
  1_000_000,
  1_000_001,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31),
  2 ** 53,
  1e308,
  0.5,
  -1e-7,
] as const;
const SUBJECTS = [
  'Kyoto in May',
  'Island tour',
  '\u4e91\u5357\u96ea\u5c71\u4e94\u65e5\u6e38',
  'Ski \u26f7\ufe0f',
] as const;

/** Returns any JSON value, usually of the wrong type. */
export function oddValue(random: Random): unknown {
  return weighted<() => unknown>(random, [
    [5, () => oddText(random)],
    [3, () => random.pick(ODD_NUMBERS)],
    [2, () => random.pick([null, true, false])],
    [
      2,
      () =>
        random.pick<unknown>([
          [],
          [null],
          [[]],
          ['x'],
          {},
          { id: 1 },
          { ['__proto__']: { admin: true } },
          { constructor: 1 },
        ]),
    ],
    [1, () => nested(random.pick([5, 31, 32, 33, 100, 1_000]))],
    [1, () => Array.from({ length: random.pick([9, 101, 2_000]) }, () => 'x')],
  ])();
}

export function oddText(random: Random): string {
  if (onceIn(random, 4))
    return random.pick(['a', '\u{1f600}', '\u00e9', ' ', '9']).repeat(random.pick(LENGTHS));
  return random.pick(ODD_TEXTS);
}

/** Returns a value for a named field: a known one, or one that fits the schema, or (rarely) an odd one. */
export function jsonValue(random: Random, whose: TenantValues, name: string, schema: Schema): unknown {
  if (onceIn(random, 25)) return oddValue(random);
  const known = knownValue(random, whose, name);
  if (known !== undefined) return known;
  const {
    type,
    enum: words,
    items,
    properties,
    example,
    examples = [],
    minimum = -1,
    maximum = 200,
  } = resolved(schema);
  if (words) return random.pick(words);
  if (properties)
    return Object.fromEntries(
      Object.entries(properties)
        .filter(() => !onceIn(random, 4))
        .map(([key, inner]) => [key, jsonValue(random, whose, key, inner)]),
    );
  const given = example === undefined ? examples : [example, ...examples];
  if (given.length > 0 && onceIn(random, 3)) return random.pick(given);
  switch (Array.isArray(type) ? random.pick(type) : type) {
    case 'integer':
    case 'number':
      return random.pick([
        minimum,
        maximum,
        minimum - 1,
        maximum + 1,
        random.between(minimum, Math.min(maximum, minimum + 100)),
      ]);
    case 'boolean':
      return random.pick([true, false]);
    case 'array':
      return Array.from({ length: random.between(0, 3) }, () =>
        jsonValue(random, whose, name.replace(/s$/, ''), items ?? {}),
      );
    default:
      return text(random, schema);
  }
}

/** Returns a value for an argument or input field of a GraphQL type. */
export function graphqlValue(
  random: Random,
  whose: TenantValues,
  name: string,
  type: GraphQLInputType,
): unknown {
  if (isNonNullType(type)) return graphqlValue(random, whose, name, type.ofType);
  if (onceIn(random, 30)) return oddValue(random);
  if (onceIn(random, 30)) return null;
  if (isListType(type))
    return Array.from({ length: random.between(1, 3) }, () =>
      graphqlValue(random, whose, name.replace(/s$/, ''), type.ofType),
    );
  if (isInputObjectType(type))
    return Object.fromEntries(
      Object.values(type.getFields())
        .filter((field) => isNonNullType(field.type) || onceIn(random, 2))
        .map((field) => [field.name, graphqlValue(random, whose, field.name, field.type)]),
    );
  const known = knownValue(random, whose, name);
  if (known !== undefined) return known;
  if (isEnumType(type)) return random.pick(type.getValues()).name;
  switch (type.name) {
    case 'Int':
    case 'Float':
      return random.pick([1, 2, 5, 20, 100, 0, 101, 1_000]);
    case 'Boolean':
      return random.pick([true, false]);
    default:
      return text(random, {});
  }
}

function knownValue(random: Random, { tenant, values }: TenantValues, name: string): string | undefined {
  if (/^custSpaceId$/i.test(name)) return tenant.custSpaceId;
  if (/^(businessNumber|number)$/i.test(name)) return random.pick(tenant.businessNumbers);
  if (/^(phoneNumber|participantId)$/.test(name)) return random.pick(MEMBERS);
  if (/url$/i.test(name))
    return random.pick(['https://images.example.com/kyoto.jpg', 'https://example.org/a.jpeg?x=1']);
  // Of a GraphQL field or path: an operation or a group, as the caller of this function cannot tell.
  if (name === 'id') return picked(random, values.get(random.pick(['nodeId', 'nodeId', 'operationId'])));
  const kind = KNOWN.find(([pattern]) => pattern.test(name))?.[1];
  return kind && picked(random, values.get(kind));
}

function picked(random: Random, values: readonly string[] | undefined): string | undefined {
  return values === undefined || values.length === 0 ? undefined : random.pick(values);
}

function text(random: Random, { minLength = 1, maxLength = 128 }: Schema): string {
  if (onceIn(random, 6))
    return 'x'.repeat(Math.max(0, random.pick([minLength - 1, minLength, maxLength, maxLength + 1])));
  return random.pick(SUBJECTS);
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}
