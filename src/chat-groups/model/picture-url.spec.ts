import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pictureHostFault, parsePictureUrl } from './picture-url.js';

const isAccepted = (text: string): boolean => {
  const url = parsePictureUrl(text);
  return url !== undefined && pictureHostFault(url) === undefined;
};

describe('the URL of a picture', () => {
  const octet = fc.integer({ min: 0, max: 255 });

  it('must not have an IP address as its host, in any notation', () => {
    fc.assert(
      fc.property(octet, octet, octet, octet, (a, b, c, d) => {
        const value = ((a * 256 + b) * 256 + c) * 256 + d;
        const hex = (part: number): string => part.toString(16).padStart(2, '0');
        const dotted = `${a}.${b}.${c}.${d}`;
        const forms = [
          dotted,
          `${dotted}.`,
          dotted.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
          `${a}.${b}.${c * 256 + d}`,
          `0x${hex(a)}.0${b.toString(8)}.${c}.${d}`,
          String(value),
          `0x${value.toString(16)}`,
          `0${value.toString(8)}`,
          `[::ffff:${dotted}]`,
          `[::ffff:${hex(a)}${hex(b)}:${hex(c)}${hex(d)}]`,
        ];
        for (const host of forms) expect([host, isAccepted(`https://${host}/a.jpg`)]).toEqual([host, false]);
      }),
    );
  });

  it('is the same however often it is parsed', () => {
    fc.assert(
      fc.property(fc.webUrl({ validSchemes: ['https'], withQueryParameters: true }), (text) => {
        const url = parsePictureUrl(text);
        expect(url === undefined ? url : parsePictureUrl(url)).toBe(url);
      }),
    );
  });

  it('takes little time, however hostile it is', () => {
    for (const part of ['1.', '1-', '127.0.0.', 'a-', 'internal.', '-internal'])
      expect(isAccepted(`https://${part.repeat(400)}acme.travel/`)).toBe(false);
  });
});
