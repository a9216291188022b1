import { describe, expect, it } from '@jest/globals';
import { ARITHMETIC, PROGRESSIVE, SMALL, SQUARE, WIDE, withSegments } from '../../test/support/pictures.js';
import { JpegSize } from './jpeg-size.js';

const NOT_A_JPEG = 'not a JPEG';

/** Reads a picture in pieces of this length. */
function sizeOf(picture: Uint8Array, pieceLength = picture.length): ReturnType<JpegSize['read']> {
  const reader = new JpegSize();
  for (let at = 0; at < picture.length; at += pieceLength) {
    const read = reader.read(picture.subarray(at, at + pieceLength));
    if (read !== undefined) return read;
  }
  return undefined;
}

const SIZES = [
  ['baseline', SQUARE, { width: 192, height: 192 }],
  ['progressive', PROGRESSIVE, { width: 192, height: 192 }],
  ['with arithmetic coding', ARITHMETIC, { width: 192, height: 192 }],
  ['of odd size', SMALL, { width: 191, height: 191 }],
  ['not square', WIDE, { width: 640, height: 480 }],
  ['with a large profile before the frame', withSegments(SQUARE, 40, 65_537), { width: 192, height: 192 }],
] as const;

describe('the size of a JPEG', () => {
  it.each(SIZES)('is read: %s', (_name, picture, size) => {
    for (const length of [picture.length, 65_536, 1_000, 7]) expect(sizeOf(picture, length)).toEqual(size);
  });

  it('is known before the data has arrived', () => {
    const dataAt = SQUARE.indexOf(Buffer.of(0xff, 0xda));
    expect(dataAt).toBeGreaterThan(0);
    expect(sizeOf(SQUARE.subarray(0, dataAt))).toEqual({ width: 192, height: 192 });
  });

  it('is read byte by byte, and is not known until its last byte', () => {
    const frameAt = SQUARE.indexOf(Buffer.of(0xff, 0xc0));
    expect(frameAt).toBeGreaterThan(0);
    expect(sizeOf(SQUARE.subarray(0, frameAt + 8), 1)).toBeUndefined();
    expect(sizeOf(SQUARE.subarray(0, frameAt + 9), 1)).toEqual({ width: 192, height: 192 });
  });

  it('is read after fill bytes', () => {
    const filled = Buffer.concat([SQUARE.subarray(0, 2), Buffer.alloc(300, 0xff), SQUARE.subarray(2)]);
    expect(sizeOf(filled)).toEqual({ width: 192, height: 192 });
  });

  it.each<[string, Uint8Array]>([
    ['a PNG', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')],
    ['text', Buffer.from('<!doctype html><title>404</title>')],
    ['zeros', Buffer.alloc(100)],
    ['a start without a marker', Buffer.from('ffd80000', 'hex')],
    ['a second start', Buffer.from('ffd8ffd8ffe0', 'hex')],
    ['data before the frame', Buffer.from('ffd8ffda000c', 'hex')],
    ['an end before the frame', Buffer.from('ffd8ffd9', 'hex')],
    ['a segment shorter than its length', Buffer.from('ffd8ffe00001', 'hex')],
    ['a frame without width', Buffer.from('ffd8ffc0000b0800c00000', 'hex')],
    ['a frame without height', Buffer.from('ffd8ffc0000b08000000c0', 'hex')],
    ['a stream of JPEG XL', Buffer.from('ff0a7f02', 'hex')],
  ])('is not read from %s', (_name, bytes) => {
    expect(sizeOf(bytes)).toBe(NOT_A_JPEG);
    expect(sizeOf(bytes, 1)).toBe(NOT_A_JPEG);
  });

  it('keeps its result', () => {
    const reader = new JpegSize();
    expect(reader.read(Buffer.from('GIF89a'))).toBe(NOT_A_JPEG);
    expect(reader.read(SQUARE)).toBe(NOT_A_JPEG);
    expect(reader.read(Buffer.alloc(0))).toBe(NOT_A_JPEG);
  });

  it('is never known of what has no end', () => {
    const reader = new JpegSize();
    reader.read(Buffer.of(0xff, 0xd8));
    for (let n = 0; n < 100; n += 1) expect(reader.read(Buffer.alloc(50_000, 0xff))).toBeUndefined();
  });
});
