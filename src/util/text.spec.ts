import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalSubject, codePoints, isCleanText, maskNumber } from './text.js';

describe('lengths', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['山に雪', 3],
    ['😀😀', 2],
    ['👨‍👩‍👧', 5],
    ['e\u0301', 2],
  ])('count code points: %j', (text, length) => {
    expect(codePoints(text)).toBe(length);
  });
});

describe('clean text', () => {
  it.each(['\u0000', '\t', '\r', '\u001b', '\u007f', '\u0085', '\u2028', '\u2029', '\ud800', '\udc00\ud800'])(
    'does not contain %j',
    (character) => {
      expect(isCleanText(`a${character}b`)).toBe(false);
      expect(isCleanText(`a${character}b`, { newlines: true })).toBe(false);
    },
  );

  it('contains line feeds only if they are allowed', () => {
    expect(isCleanText('a\nb')).toBe(false);
    expect(isCleanText('a\nb\n\n', { newlines: true })).toBe(true);
    expect(isCleanText('a\n\tb', { newlines: true })).toBe(false);
  });

  it('may contain any other text', () => {
    for (const text of ['', 'Kyoto 京都 😀', 'עברית\u200f', 'a\u00a0b', '\'"<>&;'])
      expect(isCleanText(text)).toBe(true);
  });
});

it('treats subjects that look the same as equal', () => {
  expect(canonicalSubject('  Cafe\u0301 ')).toBe(canonicalSubject('Caf\u00e9'));
  expect(canonicalSubject('Cafe')).not.toBe(canonicalSubject('Café'));
});

it('masks numbers but keeps them recognisable to those who know them', () => {
  expect(maskNumber('8613800000001')).toBe('8613******001');
  expect(maskNumber('1234567')).toBe('*******');
  fc.assert(
    fc.property(fc.stringMatching(/^\d{5,20}$/), (number) => {
      const masked = maskNumber(number);
      expect(masked).toHaveLength(number.length);
      expect(masked.replace(/\*/g, '').length).toBeLessThanOrEqual(7);
      expect(masked).toContain('*');
    }),
  );
});
