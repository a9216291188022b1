import { describe, expect, it } from '@jest/globals';
import { etag, ifMatch, noneMatchHits } from './etag.js';

const GROUP = { id: '1', subject: 'Kyoto' };
const TAG = etag(GROUP);

it('returns a strong tag that is equal only for equal representations', () => {
  expect(TAG).toMatch(/^"[\w-]{22}"$/);
  expect(etag({ ...GROUP })).toBe(TAG);
  expect(etag({ ...GROUP, subject: 'Kyōto' })).not.toBe(TAG);
});

describe('If-None-Match', () => {
  it.each([
    [undefined, false],
    ['', false],
    ['*', true],
    [' * ', true],
    [TAG, true],
    [`W/${TAG}`, true],
    [`"a,b", ${TAG}`, true],
    ['"other"', false],
    [TAG.replaceAll('"', ''), false],
  ])('%j matches: %s', (header, hits) => {
    expect(noneMatchHits(header, TAG)).toBe(hits);
  });
});

describe('If-Match', () => {
  it('sets no precondition if the header is missing', () => {
    expect(ifMatch(undefined)).toBeUndefined();
  });

  it.each(['*', TAG, `"other", ${TAG}`])('passes if it lists the current tag: %s', (header) => {
    expect(() => ifMatch(header)?.judge(GROUP)).not.toThrow();
  });

  it.each(['"other"', `W/${TAG}`])('fails by strong comparison: %s', (header) => {
    expect(() => ifMatch(header)?.judge(GROUP)).toThrow(
      expect.objectContaining({ code: 'PRECONDITION_FAILED' }),
    );
  });

  it.each(['', 'nonsense', TAG.replaceAll('"', ''), `nonsense ${TAG}`, `${TAG} ${TAG}`, `${TAG},`])(
    'rejects a header that is not a list of entity tags: %j',
    (header) => {
      expect(() => ifMatch(header)).toThrow(expect.objectContaining({ code: 'VALIDATION_FAILED' }));
    },
  );
});
