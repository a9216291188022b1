import type { Target, Transport } from './operations.js';

/** The part of a request's target that a test replaces. */
export type Part = 'space' | 'number' | 'group' | 'everything';

export type Refusal = 'NOT_FOUND' | 'VALIDATION_FAILED';

/** A way to write a name. */
export interface Shape {
  readonly part: Part;
  readonly what: string;
  readonly write: (name: string) => string;
  readonly refusal: Readonly<Record<Transport, Refusal>>;
  /** Whether GraphQL variables hold the name in an array. */
  readonly inArray?: boolean;
}

type Spelling = readonly [what: string, write: (name: string) => string];

const AS_IT_IS: Spelling = ['as it is', (name) => name];

/** Well-formed IDs that the caller does not own. */
const OTHER_IDS: readonly Spelling[] = [
  AS_IT_IS,
  ['in the opposite case', (name) => name.replace(/[a-z]/gi, otherCase)],
  ['with one letter in the opposite case', (name) => name.replace(/[a-z]/i, otherCase)],
  ['with Cyrillic look-alikes', (name) => name.replace(/[aceABCE013]/g, lookAlike)],
  ['in full-width forms', fullWidth],
  ['with a zero-width space', (name) => `${name}\u200b`],
  ['percent-encoded twice', (name) => name.replace(/^./, percentEncoded)],
  ['after a path traversal', (name) => `nobody/../${name}`],
  ['in a list', (name) => `${name},${name}`],
];

const MALFORMED_IDS: readonly Spelling[] = [
  ['with a trailing space', (name) => `${name} `],
  ['with a trailing line feed', (name) => `${name}\n`],
  ['followed by NUL and more text', (name) => `${name}\u0000${name}`],
  ['with a leading escape character', (name) => `\u001b${name}`],
  ['of 256 characters', (name) => name.padEnd(256, 'x')],
  ['of 1,500 characters', (name) => name.padEnd(1_500, 'x')],
];

const OTHER_NUMBERS: readonly Spelling[] = [AS_IT_IS, ['with leading zeros', (name) => `00${name}`]];

const MALFORMED_NUMBERS: readonly Spelling[] = [
  ['in full-width digits', fullWidth],
  ['in Arabic digits', (name) => name.replace(/\d/g, (digit) => String.fromCharCode(0x660 + Number(digit)))],
  ['with a trailing line feed', (name) => `${name}\n`],
  ['followed by NUL and more text', (name) => `${name}\u0000${name}`],
  ['in scientific notation', (name) => `${name}e0`],
  ['of 21 digits', (name) => name.padEnd(21, '0')],
  ['of 1,500 digits', (name) => name.padEnd(1_500, '0')],
];

/** Every way to write a name that the caller does not own, and the error it must return. */
export const SHAPES: readonly Shape[] = [
  ...(['space', 'group'] as const).flatMap((part) => [
    ...OTHER_IDS.map((spelling) => shape(part, spelling, 'NOT_FOUND')),
    ...MALFORMED_IDS.map((spelling) => shape(part, spelling, 'VALIDATION_FAILED')),
    // A path cannot hold an array, only text that looks like one.
    array(part, 'NOT_FOUND'),
  ]),
  ...OTHER_NUMBERS.map((spelling) => shape('number', spelling, 'NOT_FOUND')),
  ...MALFORMED_NUMBERS.map((spelling) => shape('number', spelling, 'VALIDATION_FAILED')),
  array('number', 'VALIDATION_FAILED'),
  // A path with an empty segment matches no route.
  ...(['space', 'number', 'group'] as const).map((part): Shape => ({
    ...shape(part, ['empty', () => ''], 'VALIDATION_FAILED'),
    refusal: { REST: 'NOT_FOUND', GraphQL: 'VALIDATION_FAILED' },
  })),
  asItIs('everything'),
];

/** A valid name, unchanged, that belongs to another tenant. */
export function asItIs(part: Part): Shape {
  return shape(part, AS_IT_IS, 'NOT_FOUND');
}

/** Returns the target with one part replaced by the name. */
export function named(own: Target, { part, write }: Shape, names: Target): Target {
  return {
    custSpaceId: part === 'space' || part === 'everything' ? write(names.custSpaceId) : own.custSpaceId,
    businessNumber:
      part === 'number' || part === 'everything' ? write(names.businessNumber) : own.businessNumber,
    groupId: part === 'group' || part === 'everything' ? write(names.groupId) : own.groupId,
  };
}

/** Returns the variables with the name wrapped in an array. */
export function inArrays(part: Part, variables: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { input, ...flat } = variables;
  if (typeof input === 'object' && input !== null) return { input: inArrays(part, { ...input }) };
  const field = 'id' in flat ? 'id' : part === 'number' ? 'businessNumber' : 'custSpaceId';
  return { ...flat, [field]: [flat[field]] };
}

function shape(part: Part, [what, write]: Spelling, refusal: Refusal): Shape {
  return { part, what, write, refusal: { REST: refusal, GraphQL: refusal } };
}

function array(part: Part, REST: Refusal): Shape {
  return {
    ...shape(part, ['in an array', (name) => JSON.stringify([name])], 'VALIDATION_FAILED'),
    refusal: { REST, GraphQL: 'VALIDATION_FAILED' },
    inArray: true,
  };
}

function otherCase(letter: string): string {
  return letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
}

function lookAlike(character: string): string {
  return 'асеАВСЕОӀЗ'['aceABCE013'.indexOf(character)] ?? character;
}

function fullWidth(name: string): string {
  return name.replace(/[!-~]/g, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0));
}

function percentEncoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16)}`;
}
