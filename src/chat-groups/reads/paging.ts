import { hash } from 'node:crypto';
import { validationFailed } from '../../errors/gateway-error.js';
import { DEFAULT_PAGE_SIZE } from '../model/page-size.js';

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

const CURSOR_VERSION = 'c1';

/**
 * Cursors of one list: opaque, versioned, an offset plus a hash of the list that they belong to. A cursor of another
 * list (scope or filter) is rejected instead of silently pointing elsewhere.
 */
export class Cursors {
  #list: string | undefined;

  constructor(private readonly list: readonly unknown[]) {}

  encode(offset: number): string {
    // Computed on demand: most readers request no cursors.
    this.#list ??= hash('sha256', JSON.stringify(this.list), 'base64url').slice(0, 12);
    return Buffer.from(`${CURSOR_VERSION}:${offset}:${this.#list}`).toString('base64url');
  }

  /** Returns `undefined` for anything that {@link encode} of this list did not return. */
  decode(cursor: string): number | undefined {
    const match = /^c1:(\d{1,9}):/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
    const offset = Number(match?.[1]);
    return match && this.encode(offset) === cursor ? offset : undefined;
  }
}

/**
 * Resolves the paging arguments to a slice. Calls `readTotal` only if the end of the list must be known.
 * Throws `VALIDATION_FAILED` for contradictory arguments and for cursors of other lists. Source: GraphQL Cursor
 * Connections Specification, plus `offset`.
 */
export async function resolveSlice(
  args: PagingArgs,
  cursors: Cursors,
  readTotal: () => Promise<number>,
): Promise<Slice> {
  refuseContradictions(args);
  const { after, before: end } = decodeCursors(args, cursors);
  const start = after === undefined ? (args.offset ?? 0) : after + 1;
  if (args.last !== undefined) {
    const stop = end ?? (await readTotal());
    const offset = Math.max(start, stop - args.last);
    return { offset, limit: Math.max(0, stop - offset) };
  }
  const limit = args.first ?? DEFAULT_PAGE_SIZE;
  return { offset: start, limit: end === undefined ? limit : Math.max(0, Math.min(limit, end - start)) };
}

function decodeCursors(
  args: PagingArgs,
  cursors: Cursors,
): { readonly after: number | undefined; readonly before: number | undefined } {
  const decode = (cursor: string | undefined): number | undefined =>
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
        : 'must not be combined: use either first or last',
    })),
  );
}
