import { describe, expect, it } from '@jest/globals';
import { variantTag } from '../../util/entity-tag.js';
import { etag, ifMatch } from './etag.js';

const GROUP = { id: '1', subject: 'Kyoto' };
const TAG = etag(GROUP);

it('returns a strong tag that is equal only for equal representations', () => {
  expect(TAG).toMatch(/^"[\w-]{22}"$/);
  expect(etag({ ...GROUP })).toBe(TAG);
  expect(etag({ ...GROUP, subject: 'Kyōto' })).not.toBe(TAG);
});

describe('If-Match', () => {
  it('sets no precondition if the header is missing', () => {
    expect(ifMatch(undefined)).toBeUndefined();
  });

  it.each([
    '*',
    TAG,
    `"other", ${TAG}`,
    `W/${TAG}`,
    variantTag(TAG, 'gzip'),
    `"other", W/${variantTag(TAG, 'br')}`,
    `${TAG},`,
    `, ,${TAG} ,,"other" , `,
  ])('passes if it lists a tag of the current state: %s', (header) => {
    expect(() => ifMatch(header)?.judge(GROUP)).not.toThrow();
  });

  it.each([
    '"other"',
    'W/"other"',
    variantTag('"other"', 'gzip'),
    variantTag(variantTag(TAG, 'gzip'), 'gzip'),
    `${TAG.slice(0, -1)}-deflate"`,
  ])('fails if it lists only other tags: %s', (header) => {
    expect(() => ifMatch(header)?.judge(GROUP)).toThrow(
      expect.objectContaining({ code: 'PRECONDITION_FAILED' }),
    );
  });

  it.each([
    '',
    'nonsense',
    TAG.replaceAll('"', ''),
    `nonsense ${TAG}`,
    `W/W/${TAG}`,
    `${TAG} ${TAG}`,
    ' , ,',
  ])('rejects a header that is not a list of entity tags: %j', (header) => {
    expect(() => ifMatch(header)).toThrow(expect.objectContaining({ code: 'VALIDATION_FAILED' }));
  });
});
