import { validationFailed } from '../../errors/gateway-error.js';
import { digestOf } from '../../util/digest.js';
import type { ReachFilter } from '../../tenancy/reach.js';
import type { OperationState } from './create-operation.js';

export interface OperationFilter extends ReachFilter {
  readonly status?: OperationState;
}

const CURSOR_VERSION = 'o1';

/** Cursors of one list of operations: opaque, and rejected by lists of other tenants or with other filters. */
export class OperationCursors {
  readonly #list: string;

  constructor(tenantId: string, filter: OperationFilter) {
    const filters = Object.entries(filter)
      .filter(([, value]) => value !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : 1));
    this.#list = digestOf([tenantId, JSON.stringify(filters)]);
  }

  encode(name: string): string {
    return Buffer.from([CURSOR_VERSION, this.#list, name].join(':')).toString('base64url');
  }

  /** Returns the name of the operation that the list continues after. Throws `VALIDATION_FAILED`. */
  decode(cursor: string): string {
    const [, , name = ''] = Buffer.from(cursor, 'base64url').toString('latin1').split(':');
    if (this.encode(name) === cursor) return name;
    throw validationFailed([{ field: 'after', message: 'must be a cursor of this list' }]);
  }
}
