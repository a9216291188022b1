import { expect, it } from '@jest/globals';
import { preferredCoding } from './content-coding.js';

it.each([
  [undefined, undefined],
  ['', undefined],
  ['identity', undefined],
  ['gzip', 'gzip'],
  ['GZip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['br', 'br'],
  ['gzip, deflate, br, zstd', 'br'],
  ['deflate, zstd', undefined],
  ['gzip;q=1.0, br;q=0.5', 'gzip'],
  ['gzip ; q=0.5 , br ; Q=0.8', 'br'],
  ['gzip;q=0', undefined],
  ['gzip;q=0.000', undefined],
  ['gzip;q=0, br', 'br'],
  ['gzip;q=0.001', 'gzip'],
  ['gzip;q=high', undefined],
  ['gzip;q=-1', undefined],
  ['*', 'br'],
  ['*;q=0', undefined],
  ['*;q=0, gzip', 'gzip'],
  ['*;q=0.1, br;q=0', 'gzip'],
  ['gzip, identity', 'gzip'],
  ['gzip;q=0.5, identity', undefined],
  ['gzip;q=0.5, identity;q=0.4', 'gzip'],
  ['gzip, identity;q=0', 'gzip'],
  ['identity;q=0', undefined],
  ['gzipped, not-br', undefined],
  [',,;q=1', undefined],
])('Accept-Encoding: %s → %s', (header, coding) => {
  expect(preferredCoding(header)).toBe(coding);
});
