import { expect, it } from '@jest/globals';
import { exceedsJsonLimit } from './bounded-json.js';

it.each<unknown>([
  'a'.repeat(1_001),
  Array.from({ length: 1_001 }, () => 1),
  { text: ['a'.repeat(600), { more: 'a'.repeat(600) }] },
  { ['a'.repeat(1_001)]: null },
  Array.from({ length: 200 }, () => ({ a: {} })),
  // Two to four bytes, and up to six if they are escaped.
  'é'.repeat(501),
  '中'.repeat(334),
  '🚌'.repeat(251),
  '"'.repeat(501),
  '\u0001'.repeat(167),
  '\uD83D'.repeat(167),
])('finds values whose JSON is longer than allowed', (value) => {
  expect(Buffer.byteLength(JSON.stringify(value))).toBeGreaterThan(1_000);
  expect(exceedsJsonLimit(value, 1_000)).toBe(true);
});

it.each<unknown>([
  'a'.repeat(900),
  '中'.repeat(330),
  '\n'.repeat(490),
  '\u0001'.repeat(160),
  Array.from({ length: 100 }, () => 123),
  { data: { nodes: Array.from({ length: 20 }, (_, id) => ({ id, subject: 'a', none: null })) } },
  null,
  undefined,
])('accepts others', (value) => {
  expect(exceedsJsonLimit(value, 1_000)).toBe(false);
});

it('stops as soon as the limit is exceeded', () => {
  let read = 0;
  const value = Array.from({ length: 100 }, () => ({
    get text() {
      read += 1;
      return 'a'.repeat(400);
    },
  }));
  expect(exceedsJsonLimit(value, 1_000)).toBe(true);
  expect(read).toBe(3);
});
