import { describe, expect, it } from '@jest/globals';
import { cleanCode, cleanMessage, cleanRequestId } from './clean-message.js';

describe('cleanMessage', () => {
  it.each([
    ['The subject is too long.', 'The subject is too long.'],
    ['Number 8613800000001 is not yours', 'Number 8613******001 is not yours'],
    ['Number +86 138-0000-0001', 'Number +8613******001'],
    ['code 12345', 'code *****'],
    ['at most 1024 characters', 'at most 1024 characters'],
    ['see https://help.aliyun.com/x?n=8613800000001 for more', 'see for more'],
    ['link chat.whatsapp.com/AbCdEf expired', 'link expired'],
    ['two\r\nlines\u0000\u2028here', 'two lines here'],
    ['half \ud800 a pair', 'half \ufffd a pair'],
    ['None', undefined],
    [' ', undefined],
    ['', undefined],
    [null, undefined],
    [{ a: 1 }, undefined],
  ])('turns %p into %p', (message, shown) => {
    expect(cleanMessage(message)).toBe(shown);
  });

  it('truncates a long message', () => {
    expect(cleanMessage('字'.repeat(301))).toBe(`${'字'.repeat(299)}…`);
    expect(cleanMessage('字'.repeat(300))).toHaveLength(300);
  });
});

describe('cleanCode', () => {
  it.each([
    ['InvalidParameter.PageInvalid', 'InvalidParameter.PageInvalid'],
    ['isv.SYSTEM_ERROR', 'isv.SYSTEM_ERROR'],
    ['undefined', undefined],
    ['Number.8613800000001', undefined],
    ['<b>no</b>', undefined],
    [undefined, undefined],
    [500, undefined],
  ])('turns %p into %p', (code, shown) => {
    expect(cleanCode(code)).toBe(shown);
  });
});

describe('cleanRequestId', () => {
  it.each([
    ['90E63D28-E31D-1EB2-8939-A9486641****O\n', '90E63D28-E31D-1EB2-8939-A9486641****O'],
    ['a\r\nSet-Cookie: b', undefined],
    ['', undefined],
    [7, undefined],
  ])('turns %p into %p', (id, shown) => {
    expect(cleanRequestId(id)).toBe(shown);
  });
});
