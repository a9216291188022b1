import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Cursors, type PagingArgs, type Slice, resolveSlice } from './paging.js';
import { GatewayError } from '../../errors/gateway-error.js';

const cursors = new Cursors(['scope', 'ACTIVE', null]);
const at = (offset: number): string => cursors.encode(offset);
const slice = (args: PagingArgs, total = 51): Promise<Slice> =>
  resolveSlice(args, cursors, async () => total);

describe('a cursor', () => {
  it('decodes to the encoded offset', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 999_999_999 }),
        (offset) => cursors.decode(at(offset)) === offset,
      ),
    );
  });

  it('is invalid for another list', () => {
    expect(new Cursors(['scope', 'INACTIVE', null]).decode(at(5))).toBeUndefined();
    expect(new Cursors(['scope', 'ACTIVE', null]).decode(at(5))).toBe(5);
  });

  it('cannot be forged', () => {
    const forge = (text: string): string => Buffer.from(text).toString('base64url');
    const hash = Buffer.from(at(5), 'base64url').toString().split(':')[2];
    for (const text of [
      `c1:5:x`,
      `c2:5:${hash}`,
      `c1:05:${hash}`,
      `c1:-1:${hash}`,
      `c1:5:${hash}x`,
      `c1:1e3:${hash}`,
    ])
      expect(cursors.decode(forge(text))).toBeUndefined();
    expect(cursors.decode(`${at(5)}=`)).toBeUndefined();
    fc.assert(fc.property(fc.string(), (text) => cursors.decode(text) === undefined));
  });
});

describe('a slice', () => {
  it.each<[PagingArgs, Slice]>([
    [{}, { offset: 0, limit: 20 }],
    [{ first: 5 }, { offset: 0, limit: 5 }],
    [
      { first: 5, after: at(9) },
      { offset: 10, limit: 5 },
    ],
    [
      { first: 5, before: at(3) },
      { offset: 0, limit: 3 },
    ],
    [
      { first: 5, after: at(1), before: at(4) },
      { offset: 2, limit: 2 },
    ],
    [
      { after: at(4), before: at(4) },
      { offset: 5, limit: 0 },
    ],
    [{ last: 5 }, { offset: 46, limit: 5 }],
    [{ last: 100 }, { offset: 0, limit: 51 }],
    [
      { last: 5, before: at(3) },
      { offset: 0, limit: 3 },
    ],
    [
      { last: 5, before: at(20) },
      { offset: 15, limit: 5 },
    ],
    [
      { last: 5, after: at(48) },
      { offset: 49, limit: 2 },
    ],
    [{ offset: 30 }, { offset: 30, limit: 20 }],
    [
      { offset: 30, first: 1 },
      { offset: 30, limit: 1 },
    ],
  ])('is resolved from %j', async (args, expected) => {
    expect(await slice(args)).toEqual(expected);
  });

  it('reads the total only if the end must be known', async () => {
    const never = (): Promise<number> => Promise.reject(new Error('read'));
    for (const args of [{ first: 5 }, { last: 5, before: at(9) }, { offset: 3 }])
      await expect(resolveSlice(args, cursors, never)).resolves.toBeDefined();
    await expect(resolveSlice({ last: 5 }, cursors, never)).rejects.toThrow('read');
  });

  it.each<[PagingArgs, string[]]>([
    [{ first: 1, last: 1 }, ['first', 'last']],
    [{ offset: 0, after: at(1) }, ['after']],
    [{ offset: 0, before: at(1) }, ['before']],
    [{ offset: 0, last: 1 }, ['last']],
    [{ offset: 0, first: 1, last: 1 }, ['first', 'last']],
    [{ after: 'x', before: 'y' }, ['after', 'before']],
    [{ after: at(1), before: 'y' }, ['before']],
  ])('rejects contradictory or foreign arguments: %j', async (args, fields) => {
    const refusal: unknown = await slice(args).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(GatewayError);
    expect(refusal).toMatchObject({ code: 'VALIDATION_FAILED' });
    const { violations } = (refusal as GatewayError).options;
    expect(violations?.map(({ field }) => field)).toEqual(fields);
  });
});
