import { describe, expect, it } from '@jest/globals';
import { noneMatchHits, variantTag } from './entity-tag.js';

const TAG = '"state"';

it('gives every variant its own strong tag', () => {
  expect(variantTag(TAG, undefined)).toBe(TAG);
  expect(variantTag(TAG, 'gzip')).toBe('"state-gzip"');
  expect(variantTag(TAG, 'br')).toBe('"state-br"');
});

describe('If-None-Match', () => {
  it.each([
    [undefined, false],
    ['', false],
    ['*', true],
    [' * ', true],
    [TAG, true],
    [`W/${TAG}`, true],
    ['"state-gzip"', true],
    ['W/"state-br"', true],
    [`"a,b", ${TAG}`, true],
    ['"other", W/"state-gzip"', true],
    ['"other"', false],
    ['"other-gzip"', false],
    ['"state-"', false],
    ['"state-deflate"', false],
    ['"state-gzip-gzip"', false],
    ['state', false],
  ])('%j matches: %s', (header, hits) => {
    expect(noneMatchHits(header, TAG)).toBe(hits);
  });

  it('does not take a tag that ends like a variant for one', () => {
    expect(noneMatchHits('"state"', '"state-gzip"')).toBe(false);
    expect(noneMatchHits('"state-gzip"', '"state-gzip"')).toBe(true);
  });
});
