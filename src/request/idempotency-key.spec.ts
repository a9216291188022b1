import { expect, it } from '@jest/globals';
import { parseIdempotencyKey } from './idempotency-key.js';

it.each([
  ['bare', 'bare'],
  ['"quoted"', 'quoted'],
  [' "quoted" ', 'quoted'],
  ['"with \\"quotes\\""', undefined],
  ['"with\\"quotes\\""', 'with"quotes"'],
  ['"unclosed', undefined],
  ['""', undefined],
  ['', undefined],
  ['two words', undefined],
  ['x'.repeat(255), 'x'.repeat(255)],
  ['x'.repeat(256), undefined],
])('reads %j as %j', (header, key) => {
  expect(parseIdempotencyKey(header)).toBe(key);
});
