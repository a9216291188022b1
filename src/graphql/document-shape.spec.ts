import { expect, it } from '@jest/globals';
import { parse } from 'graphql';
import { MAX_ALIASES, MAX_DEPTH, MAX_DIRECTIVES, MAX_REPETITIONS, shapeFault } from './document-shape.js';

const nested = (levels: number): string => (levels === 0 ? 'a' : `a { ${nested(levels - 1)} }`);
const many = (count: number, one: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => one(index)).join(' ');

/** Selections beyond each limit, and the words of its fault. */
const FAULTS: readonly [words: string, selections: string][] = [
  ['levels deep', nested(MAX_DEPTH)],
  ['aliases', many(MAX_ALIASES + 1, (index) => `a${index}: a`)],
  ['directives', `a ${many(MAX_DIRECTIVES + 1, () => '@x')}`],
  [`more than ${MAX_REPETITIONS} times`, many(MAX_REPETITIONS + 1, () => 'a')],
  ['must not spread itself', '...f'],
];

const faultIn = (text: string): string | undefined => shapeFault(parse(text));

it.each(FAULTS)('is a fault in a fragment that is used, and in one that is not: %s', (words, selections) => {
  const fragment = `fragment f on Query { ${selections} }`;
  expect(faultIn(`{ ...f } ${fragment}`)).toContain(words);
  expect(faultIn(`{ a } ${fragment}`)).toContain(words);
  expect(faultIn(`{ a } fragment g on Query { ...f } ${fragment}`)).toContain(words);
});

it('leaves small fragments that are not used to validation', () => {
  expect(faultIn('{ a } fragment f on Query { a b }')).toBeUndefined();
});
