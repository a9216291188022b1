import { expect, it } from '@jest/globals';
import { prefersAsync } from './prefer.js';

it.each([
  ['respond-async', true],
  ['Respond-Async', true],
  ['wait=10, respond-async', true],
  ['handling=lenient; foo="a, b" ,respond-async', true],
  ['respond-async; foo', true],
  ['respond-asynchronously', false],
  ['foo="respond-async"', false],
  ['foo="a, respond-async"', false],
  ['return=minimal', false],
  ['', false],
  [undefined, false],
])('finds respond-async in %j: %j', (header, expected) => {
  expect(prefersAsync(header)).toBe(expected);
});
