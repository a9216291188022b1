import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Cursors, digestOfRow } from './cursors.js';

const LIST = ['scope', 'ACTIVE', null];
const cursors = new Cursors(LIST);
const rows = Array.from({ length: 100 }, (_, index) => ({ groupId: `g${index}` }));

describe('a cursor', () => {
  it('remembers its position, its row and neighbours on the same canonical page', () => {
    fc.assert(
      fc.property(fc.nat(999_999), fc.integer({ min: 1, max: 100 }), fc.nat(99), (page, count, place) => {
        const listed = rows.slice(0, count);
        const index = place % count;
        const decoded = cursors.decode(cursors.encode(page, { rows: listed, index }));
        const at = (sign: number) =>
          [0, 1, 3, 9, 27].flatMap((distance) => {
            const row = listed[index + sign * distance];
            return row ? [{ distance, digest: digestOfRow(row.groupId) }] : [];
          });
        expect(decoded).toEqual({ offset: page, back: at(-1), ahead: at(1) });
      }),
    );
  });

  it('has no more than 100 characters', () => {
    expect(cursors.encode(999_999_999, { rows, index: 50 }).length).toBeLessThanOrEqual(100);
  });

  it('remembers no rows if it marks the ends of the list', () => {
    expect(cursors.decode(cursors.edge())).toMatchObject({ back: [], ahead: [] });
  });

  it('is invalid for another list', () => {
    const cursor = cursors.encode(5, { rows, index: 5 });
    expect(new Cursors(['scope', 'INACTIVE', null]).decode(cursor)).toBeUndefined();
    expect(new Cursors(LIST).decode(cursor)?.offset).toBe(5);
  });

  it('is invalid if it is incomplete, changed or of another version', () => {
    const cursor = cursors.encode(5, { rows, index: 5 });
    const bytes = Buffer.from(cursor, 'base64url');
    const changed = (place: number, value: number): string => {
      const copy = Buffer.from(bytes);
      copy[place] = value;
      return copy.toString('base64url');
    };
    const wrong = [
      `${cursor}=`,
      `${cursor}AAAA`,
      cursor.slice(0, -4),
      changed(0, 1),
      changed(1, 0),
      changed(1, 0xff),
      changed(2, 0xff),
      changed(7, (bytes[7] ?? 0) ^ 1),
      Buffer.from('c1:5:abcdefghijkl').toString('base64url'),
      '',
    ];
    for (const text of wrong) expect(cursors.decode(text)).toBeUndefined();
    fc.assert(fc.property(fc.string(), (text) => cursors.decode(text) === undefined));
  });
});
