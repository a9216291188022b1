import { expect, it } from '@jest/globals';
import { exceedsJsonLimit } from './bounded-json.js';

it.each<unknown>([
  'a'.repeat(1_001),
  Array.from({ length: 1_001 }, () => 1),
  { text: ['a'.repeat(600), { more: 'a'.repeat(600) }] },
  { ['a'.repeat(1_001)]: null },
  Array.from({ length: 200 }, () => ({ a: {} })),
])('finds values whose JSON is longer than allowed', (value) => {
  expect(JSON.stringify(value).length).toBeGreaterThan(1_000);
  expect(exceedsJsonLimit(value, 1_000)).toBe(true);
});

it.each<unknown>([
  'a'.repeat(900),
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
