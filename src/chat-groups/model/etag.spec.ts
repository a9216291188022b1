import { describe, expect, it } from '@jest/globals';
import { etag, ifMatch, noneMatchHits } from './etag.js';

const GROUP = { id: '1', subject: 'Kyoto' };
const TAG = etag(GROUP);

it('is strong, and the same for the same representation only', () => {
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
  ])('%j hits: %s', (header, hits) => {
    expect(noneMatchHits(header, TAG)).toBe(hits);
  });
});

describe('If-Match', () => {
  it('asks for nothing where it is missing', () => {
    expect(ifMatch(undefined)).toBeUndefined();
  });

  it.each(['*', TAG, `"other", ${TAG}`])('holds: %s', (header) => {
    expect(() => ifMatch(header)?.judge(GROUP)).not.toThrow();
  });

  it.each(['"other"', `W/${TAG}`])('does not hold, compared strongly: %s', (header) => {
    expect(() => ifMatch(header)?.judge(GROUP)).toThrow(
      expect.objectContaining({ code: 'PRECONDITION_FAILED' }),
    );
  });

  it.each(['', 'nonsense', TAG.replaceAll('"', ''), `nonsense ${TAG}`, `${TAG} ${TAG}`, `${TAG},`])(
    'is refused where it is no list of tags: %j',
    (header) => {
      expect(() => ifMatch(header)).toThrow(expect.objectContaining({ code: 'VALIDATION_FAILED' }));
    },
  );
});
