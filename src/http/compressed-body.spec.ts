import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { ListingMemo, withMemo } from '../cache/listing-memo.js';
import { compressed } from './compressed-body.js';

const TEXT = JSON.stringify(Array.from({ length: 300 }, (_, index) => ({ subject: `Group ${index}` })));

/** What a memo counts for an entry besides its bytes. */
const ENTRY_BYTES = 300;

/** A body whose memo has room for `room` bytes, and the bytes counted so far. */
function memoized(room: number) {
  const counted: number[] = [];
  const memo = new ListingMemo((bytes) => {
    if (bytes > room) return false;
    counted.push(bytes);
    return true;
  });
  return { body: withMemo(Buffer.from(TEXT), memo), counted };
}

describe('a memoized body', () => {
  it('is compressed once per coding and counted by its memo', async () => {
    const { body, counted } = memoized(1_000_000);
    const gzip = await compressed(body, 'gzip');
    expect(compressed(body, 'gzip')).toBe(gzip);
    const br = await compressed(body, 'br');
    expect(compressed(body, 'br')).toBe(br);
    expect(compressed(body, 'gzip')).toBe(gzip);
    expect(counted).toEqual([gzip.length + ENTRY_BYTES, br.length + ENTRY_BYTES]);
    expect(gunzipSync(gzip).toString()).toBe(TEXT);
    expect(brotliDecompressSync(br).toString()).toBe(TEXT);
  });

  it('is compressed once for responses that wait for it together', async () => {
    const { body, counted } = memoized(1_000_000);
    const [first, ...others] = await Promise.all([1, 2, 3].map(async () => compressed(body, 'gzip')));
    for (const other of others) expect(other).toBe(first);
    expect(counted).toHaveLength(1);
  });

  it('does not retain more memory than is counted', async () => {
    const { body } = memoized(1_000_000);
    for (const coding of ['br', 'gzip'] as const) {
      const bytes = await compressed(body, coding);
      expect(bytes.buffer.byteLength).toBe(bytes.length);
    }
  });

  it('is compressed again if its memo has no room', async () => {
    const { body, counted } = memoized(0);
    const first = await compressed(body, 'gzip');
    const second = await compressed(body, 'gzip');
    expect(second).not.toBe(first);
    expect(second.equals(first)).toBe(true);
    expect(counted).toEqual([]);
  });
});

it('compresses other bodies each time', async () => {
  for (const body of [TEXT, Buffer.from(TEXT)]) {
    const bytes = await compressed(body, 'gzip');
    expect(await compressed(body, 'gzip')).not.toBe(bytes);
    expect(gunzipSync(bytes).toString()).toBe(TEXT);
  }
});
