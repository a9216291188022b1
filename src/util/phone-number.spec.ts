import { describe, expect, it } from '@jest/globals';
import { memberKey, phoneDigits } from './phone-number.js';

describe('phoneDigits', () => {
  it.each([
    '8613700000001',
    '+8613700000001',
    '+86 137 0000 0001',
    '+86 (137) 0000-0001',
    '86.137.0000.0001',
    '+86\u00a0137\u202f0000\u20110001',
    '\u202a+86 137\u20130000\u22120001\u202c',
    ' 8613700000001 ',
  ])('reads %p', (text) => {
    expect(phoneDigits(text)).toBe('8613700000001');
  });

  it.each([
    '',
    '+',
    '1234',
    '1'.repeat(21),
    '++8613700000001',
    '86137+00000001',
    '8613700000001\n',
    '８６１３７００００００01',
    '861370000000a',
    'US.13491208655302741918',
    '128384920@lid',
    '861382***',
    'tel:+8613700000001',
  ])('does not read %p', (text) => {
    expect(phoneDigits(text)).toBeUndefined();
  });
});

describe('memberKey', () => {
  it('is the same for every spelling of a number', () => {
    expect(memberKey('+86 137 0000 0001')).toBe(memberKey('8613700000001'));
  });

  it.each(['US.13491208655302741918', 'us.13491208655302741918', '128384920@lid', '861382***'])(
    'is %p itself',
    (id) => {
      expect(memberKey(` ${id}`)).toBe(id);
    },
  );
});
