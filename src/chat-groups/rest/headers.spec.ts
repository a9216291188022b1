import { describe, expect, it } from '@jest/globals';
import { cursorLinks, groupPath, groupsPath, operationPath, pageLinks } from './headers.js';

it('percent-encodes ids in paths', () => {
  const path = { custSpaceId: 'a/b?c#d é', businessNumber: '12345', groupId: '../x%' };
  expect(groupsPath(path)).toBe('/v1/spaces/a%2Fb%3Fc%23d%20%C3%A9/numbers/12345/groups');
  expect(groupPath(path)).toBe(`${groupsPath(path)}/..%2Fx%25`);
  expect(operationPath('op/1')).toBe('/v1/operations/op%2F1');
});

describe('page links', () => {
  it.each([
    [1, 0, ['first 1', 'last 1']],
    [1, 1, ['first 1', 'last 1']],
    [1, 3, ['first 1', 'next 2', 'last 3']],
    [2, 3, ['first 1', 'prev 1', 'next 3', 'last 3']],
    [3, 3, ['first 1', 'prev 2', 'last 3']],
    [9, 3, ['first 1', 'prev 3', 'last 3']],
    [9, 0, ['first 1', 'prev 1', 'last 1']],
  ])('of page %d of %d lead to its neighbors', (page, pageCount, expected) => {
    const links = pageLinks('/groups', { page, size: 20 }, pageCount).split(', ');
    expect(links.map((link) => link.replace(/^<.*page=(\d+).*"(\w+)"$/, '$2 $1'))).toEqual(expected);
  });

  it('keep the filter', () => {
    const query = { page: 1, size: 5, status: 'ACTIVE', subject: 'a&b, <c> "d"' };
    expect(pageLinks('/groups', query, 1)).toBe(
      ['first', 'last']
        .map((rel) => `</groups?page=1&size=5&status=ACTIVE&subject=a%26b%2C+%3Cc%3E+%22d%22>; rel="${rel}"`)
        .join(', '),
    );
  });
});

describe('cursor links', () => {
  it.each([
    [null, null, ['first after=E', 'last before=E']],
    [null, 'z', ['first after=E', 'next after=z', 'last before=E']],
    ['a', 'z', ['first after=E', 'prev before=a', 'next after=z', 'last before=E']],
    ['a', null, ['first after=E', 'prev before=a', 'last before=E']],
  ])('before %p and after %p lead to the neighbors', (before, after, expected) => {
    const links = cursorLinks('/groups', { size: 5, status: 'ACTIVE' }, { edge: 'E', before, after }).split(
      ', ',
    );
    expect(
      links.map((link) => link.replace(/^<.*\?(.*)&size=5&status=ACTIVE>; rel="(\w+)"$/, '$2 $1')),
    ).toEqual(expected);
  });
});
