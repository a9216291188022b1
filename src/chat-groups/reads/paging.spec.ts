import { describe, expect, it } from '@jest/globals';
import { Cursors } from './cursors.js';
import { type PagingArgs, type Positions, type Slice, resolveSlice } from './paging.js';
import { GatewayError } from '../../errors/gateway-error.js';

const ROWS = Array.from({ length: 1_000 }, (_, index) => ({ groupId: `g${index}` }));
const cursors = new Cursors(['scope', 'ACTIVE', null]);
const at = (offset: number): string => cursors.encode(offset, { rows: ROWS, index: offset });
/** A list that has not changed since the cursors were made. */
const unchanged = (total: number): Positions => ({
  total: async () => total,
  after: async ({ offset }) => offset + 1,
  before: async ({ offset }) => offset,
});
const slice = (args: PagingArgs, total = 51): Promise<Slice> => resolveSlice(args, cursors, unchanged(total));

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

  it('reads the list only if there are cursors, or the end must be known', async () => {
    const never = (): Promise<number> => Promise.reject(new Error('read'));
    const unreadable = { total: never, after: never, before: never };
    for (const args of [{ first: 5 }, { offset: 3 }, {}])
      await expect(resolveSlice(args, cursors, unreadable)).resolves.toBeDefined();
    for (const args of [{ last: 5 }, { after: at(1) }, { before: at(1) }])
      await expect(resolveSlice(args, cursors, unreadable)).rejects.toThrow('read');
    const known = { ...unchanged(0), total: never };
    await expect(resolveSlice({ last: 5, before: at(9) }, cursors, known)).resolves.toBeDefined();
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
