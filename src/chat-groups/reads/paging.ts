import { validationFailed } from '../../errors/gateway-error.js';
import { DEFAULT_PAGE_SIZE } from '../model/page-size.js';
import type { Cursor } from './cursors.js';

/** Rows `offset` to `offset + limit − 1` of a list, counted from 0. */
export interface Slice {
  readonly offset: number;
  readonly limit: number;
}

export interface PagingArgs {
  readonly first?: number;
  readonly after?: string;
  readonly last?: number;
  readonly before?: string;
  readonly offset?: number;
}

/** Where rows of the list are now. */
export interface Positions<C = Cursor> {
  total(): Promise<number>;
  /** Position of the first row after a cursor. */
  after(cursor: C): Promise<number>;
  /** Position after the last row before a cursor. */
  before(cursor: C): Promise<number>;
}

/** Reads the cursors of a list; `undefined` for anything else. */
interface Decoder<C> {
  decode(text: string): C | undefined;
}

/**
 * Resolves the paging arguments to a slice. Reads the list only if there are cursors, or its end must be known.
 * Throws `VALIDATION_FAILED` for contradictory arguments and for cursors of other lists. Source: GraphQL Cursor
 * Connections Specification, plus `offset`.
 */
export async function resolveSlice<C>(
  args: PagingArgs,
  cursors: Decoder<C>,
  positions: Positions<C>,
): Promise<Slice> {
  const { first = DEFAULT_PAGE_SIZE, last, offset = 0 } = args;
  // Most requests have no cursor, and need nothing else.
  if (last === undefined && args.after === undefined && args.before === undefined)
    return { offset, limit: first };
  refuseContradictions(args);
  const { after, before } = decodeCursors(args, cursors);
  const start = after ? await positions.after(after) : offset;
  const end = before && (await positions.before(before));
  if (last !== undefined) {
    const stop = end ?? (await positions.total());
    const from = Math.max(start, stop - last);
    return { offset: from, limit: Math.max(0, stop - from) };
  }
  return { offset: start, limit: end === undefined ? first : Math.max(0, Math.min(first, end - start)) };
}

function decodeCursors<C>(
  args: PagingArgs,
  cursors: Decoder<C>,
): { readonly after: C | undefined; readonly before: C | undefined } {
  const decode = (cursor: string | undefined): C | undefined =>
    cursor === undefined ? undefined : cursors.decode(cursor);
  const decoded = { after: decode(args.after), before: decode(args.before) };
  const foreign = (['after', 'before'] as const).filter(
    (field) => args[field] !== undefined && decoded[field] === undefined,
  );
  if (foreign.length === 0) return decoded;
  throw validationFailed(foreign.map((field) => ({ field, message: 'must be a cursor of this list' })));
}

function refuseContradictions(args: PagingArgs): void {
  const given = (field: keyof PagingArgs): boolean => args[field] !== undefined;
  const conflicts: (keyof PagingArgs)[] = [];
  if (given('first') && given('last')) conflicts.push('first', 'last');
  if (given('offset')) conflicts.push(...(['after', 'before', 'last'] as const).filter(given));
  if (conflicts.length === 0) return;
  throw validationFailed(
    [...new Set(conflicts)].map((field) => ({
      field,
      message: given('offset')
        ? 'must not be combined with offset'
        : `must not be combined with ${field === 'first' ? 'last' : 'first'}`,
    })),
  );
}
