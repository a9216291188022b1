import { expect, it } from '@jest/globals';
import { hasDuplicateMembers } from './duplicate-members.js';

it.each([
  ['{"a":1,"a":2}', true],
  ['{"a":1,"b":{"c":1,"c":2}}', true],
  ['[{"a":[{"b":1},{"b":1}],"a":1}]', true],
  ['{"a":1,"\\u0061":2}', true],
  ['{"__proto__":1,"__proto__":2}', true],
  ['{"a":1,"b":{"a":1},"c":[{"a":1},{"a":2}]}', false],
  ['{"a":"a\\":1,\\"a","b":"{\\"a\\":1}"}', false],
  ['{"a\\\\":1,"a":1}', false],
  ['{"a":["b","b"],"b":"a"}', false],
  ['"a"', false],
  ['{}', false],
])('finds duplicate members in %s: %s', (json, expected) => {
  expect(JSON.parse(json)).toBeDefined();
  expect(hasDuplicateMembers(json)).toBe(expected);
});
