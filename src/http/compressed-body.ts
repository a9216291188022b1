import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { type ListingMemo, memoOf } from '../cache/listing-memo.js';
import type { ContentCoding } from '../util/content-coding.js';
import type { MaybePromise } from '../util/maybe-promise.js';
import { standaloneConcat } from '../util/standalone-buffer.js';

const brotli = promisify(brotliCompress);
/** Higher qualities take much more CPU time for a few bytes: 9 twice as much, 11 fifty times. */
const BROTLI_QUALITY = 5;

const COMPRESS: Readonly<Record<ContentCoding, (body: Buffer) => Promise<Buffer>>> = {
  br: (body) =>
    brotli(body, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
      },
    }),
  gzip: promisify(gzip),
};

/** Compressed variants of memoized bodies. They are evicted with their body, and count towards the size of its memo. */
const variants = new WeakMap<Buffer, Map<ContentCoding, MaybePromise<Buffer>>>();

/**
 * Compresses a body off the event loop. A memoized body is compressed once per coding, also if several responses wait for
 * it, unless its memo has no room for the result.
 */
export function compressed(body: string | Buffer, coding: ContentCoding): MaybePromise<Buffer> {
  const memo = memoOf(body);
  if (typeof body === 'string' || !memo) return compress(Buffer.from(body), coding);
  const known = variants.get(body) ?? new Map<ContentCoding, MaybePromise<Buffer>>();
  variants.set(body, known);
  const variant = known.get(coding) ?? compressOnce(body, coding, memo, known);
  known.set(coding, variant);
  return variant;
}

async function compressOnce(
  body: Buffer,
  coding: ContentCoding,
  memo: ListingMemo,
  known: Map<ContentCoding, MaybePromise<Buffer>>,
): Promise<Buffer> {
  try {
    // zlib returns a part of a 64 KB chunk, which would be retained.
    const bytes = standaloneConcat([await compress(body, coding)]);
    if (memo.reserves(bytes.length)) known.set(coding, bytes);
    else known.delete(coding);
    return bytes;
  } catch (error) {
    known.delete(coding);
    throw error;
  }
}

async function compress(body: Buffer, coding: ContentCoding): Promise<Buffer> {
  return COMPRESS[coding](body);
}
