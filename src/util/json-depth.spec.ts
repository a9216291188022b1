import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { JsonDepth, isTooDeep, MAX_JSON_DEPTH } from './json-depth.js';
import { JsonTooDeep, parseJson, parseJsonOrThrow } from './parse-json.js';

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const objects = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

/** The depth of a parsed value, counted differently. */
function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe('the depth of JSON', () => {
  it.each([nested, objects])('may be the maximum, not more: case %#', (make) => {
    expect(isTooDeep(make(MAX_JSON_DEPTH))).toBe(false);
    expect(isTooDeep(make(MAX_JSON_DEPTH + 1))).toBe(true);
    expect(isTooDeep(make(1_000_000))).toBe(true);
  });

  it.each([
    JSON.stringify({ text: '['.repeat(100) }),
    JSON.stringify({ text: `\\"${'{'.repeat(100)}` }),
    JSON.stringify({ ['{'.repeat(100)]: '\\'.repeat(33) }),
    JSON.stringify(Array.from({ length: 100 }, () => [[1]])),
    `"${'['.repeat(100)}`,
  ])('does not count brackets in strings, nor those that are closed: case %#', (text) => {
    expect(isTooDeep(text)).toBe(false);
  });

  it('counts brackets after a string that ends in escaped backslashes', () => {
    expect(isTooDeep(`["\\\\",${'['.repeat(100)}`)).toBe(true);
    expect(isTooDeep(`["\\\\\\"",${'['.repeat(100)}`)).toBe(true);
  });

  it('is the same for a text in parts, wherever it is cut', () => {
    const text = `{"a\\\\":"\\"[[","b":[${'{"\\\\\\"":['.repeat(16)}`;
    expect(isTooDeep(text)).toBe(true);
    for (let first = 0; first <= text.length; first += 1) {
      for (let second = first; second <= text.length; second += 1) {
        const depth = new JsonDepth();
        const parts = [text.slice(0, first), text.slice(first, second), text.slice(second)];
        expect(parts.map((part) => depth.add(part)).at(-1)).toBe(true);
      }
    }
  });

  it('agrees with the parsed value', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 40 }), fc.nat(40), (text, more) => {
        const whole = '['.repeat(more) + text + ']'.repeat(more);
        expect(isTooDeep(whole)).toBe(depthOf(JSON.parse(whole)) > MAX_JSON_DEPTH);
      }),
    );
  });
});

it('parses nothing that is nested too deeply', () => {
  expect(parseJson(nested(MAX_JSON_DEPTH))).toBeDefined();
  expect(parseJson(nested(MAX_JSON_DEPTH + 1))).toBeUndefined();
  expect(() => parseJsonOrThrow(nested(MAX_JSON_DEPTH + 1))).toThrow(JsonTooDeep);
  expect(() => parseJsonOrThrow('{')).toThrow(SyntaxError);
});
