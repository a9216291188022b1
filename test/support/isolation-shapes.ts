import type { Target, Transport } from './operations.js';

/** What a request names: one part of its target, or all of them. */
export type Part = 'space' | 'number' | 'group' | 'everything';

export type Refusal = 'NOT_FOUND' | 'VALIDATION_FAILED';

/** A way to write a name. */
export interface Shape {
  readonly part: Part;
  readonly what: string;
  readonly write: (name: string) => string;
  readonly refusal: Readonly<Record<Transport, Refusal>>;
  /** GraphQL variables carry the name in an array. */
  readonly inArray?: boolean;
}

type Spelling = readonly [what: string, write: (name: string) => string];

const AS_IT_IS: Spelling = ['as it is', (name) => name];

/** Well-formed, and yet no name of the caller's. */
const OTHER_IDS: readonly Spelling[] = [
  AS_IT_IS,
  ['in the other case', (name) => name.replace(/[a-z]/gi, otherCase)],
  ['with one letter in the other case', (name) => name.replace(/[a-z]/i, otherCase)],
  ['with Cyrillic look-alikes', (name) => name.replace(/[aceABCE013]/g, lookAlike)],
  ['in full-width forms', fullWidth],
  ['with a zero-width space', (name) => `${name}\u200b`],
  ['percent-encoded once more', (name) => name.replace(/^./, percentEncoded)],
  ['after a path that leads back', (name) => `nobody/../${name}`],
  ['in a list', (name) => `${name},${name}`],
];

const MALFORMED_IDS: readonly Spelling[] = [
  ['with a blank behind it', (name) => `${name} `],
  ['with a line feed behind it', (name) => `${name}\n`],
  ['with NUL and more behind it', (name) => `${name}\u0000${name}`],
  ['with an escape before it', (name) => `\u001b${name}`],
  ['of 129 characters', (name) => name.padEnd(129, 'x')],
  ['of 1,500 characters', (name) => name.padEnd(1_500, 'x')],
];

const OTHER_NUMBERS: readonly Spelling[] = [AS_IT_IS, ['with zeros before it', (name) => `00${name}`]];

const MALFORMED_NUMBERS: readonly Spelling[] = [
  ['with a plus before it', (name) => `+${name}`],
  ['in full-width digits', fullWidth],
  ['in Arabic digits', (name) => name.replace(/\d/g, (digit) => String.fromCharCode(0x660 + Number(digit)))],
  ['with a blank behind it', (name) => `${name} `],
  ['with a line feed behind it', (name) => `${name}\n`],
  ['with NUL and more behind it', (name) => `${name}\u0000${name}`],
  ['as a number in scientific form', (name) => `${name}e0`],
  ['of 21 digits', (name) => name.padEnd(21, '0')],
  ['of 1,500 digits', (name) => name.padEnd(1_500, '0')],
];

/** Every way to name what is not the caller's, and the refusal that it owes. */
export const SHAPES: readonly Shape[] = [
  ...(['space', 'group'] as const).flatMap((part) => [
    ...OTHER_IDS.map((spelling) => shape(part, spelling, 'NOT_FOUND')),
    ...MALFORMED_IDS.map((spelling) => shape(part, spelling, 'VALIDATION_FAILED')),
    // A path holds no arrays, only texts that look like one.
    array(part, 'NOT_FOUND'),
  ]),
  ...OTHER_NUMBERS.map((spelling) => shape('number', spelling, 'NOT_FOUND')),
  ...MALFORMED_NUMBERS.map((spelling) => shape('number', spelling, 'VALIDATION_FAILED')),
  array('number', 'VALIDATION_FAILED'),
  // A path with nothing in a part of it is no route.
  ...(['space', 'number', 'group'] as const).map((part): Shape => ({
    ...shape(part, ['empty', () => ''], 'VALIDATION_FAILED'),
    refusal: { REST: 'NOT_FOUND', GraphQL: 'VALIDATION_FAILED' },
  })),
  asItIs('everything'),
];

/** A name that is right in every way but whose it is. */
export function asItIs(part: Part): Shape {
  return shape(part, AS_IT_IS, 'NOT_FOUND');
}

/** The target with the name written into its part. */
export function named(own: Target, { part, write }: Shape, names: Target): Target {
  return {
    custSpaceId: part === 'space' || part === 'everything' ? write(names.custSpaceId) : own.custSpaceId,
    businessNumber:
      part === 'number' || part === 'everything' ? write(names.businessNumber) : own.businessNumber,
    groupId: part === 'group' || part === 'everything' ? write(names.groupId) : own.groupId,
  };
}

/** The variables with the name in an array, in place of the name. */
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
