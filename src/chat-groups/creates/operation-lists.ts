import { Injectable } from '@nestjs/common';
import type { Caller } from '../../tenancy/caller.js';
import { GatewayError } from '../../errors/gateway-error.js';
import { LoadShedding } from '../../telemetry/load-shedding.js';
import { KeyedMutex } from '../../util/keyed-mutex.js';
import { DEFAULT_PAGE_SIZE } from '../model/page-size.js';
import type { CreateOperation } from './create-operation.js';
import { CreateOperationStore, operationsAvailable } from './create-operation-store.js';
import { CreateOperationsService, type ShownOperation } from './create-operations.service.js';
import { OperationCursors, type OperationFilter } from './operation-cursors.js';
import { OperationIndex, idOf, nameOf } from './operation-index.js';

export interface OperationPaging {
  readonly first?: number;
  readonly after?: string;
}

/** A page of operations, newest first. */
export interface OperationPage {
  readonly operations: readonly (ShownOperation & { readonly cursor: string })[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
}

/** Operations that are read at once. The index of a tenant is bounded, and so is the work of a list. */
const BATCH = 100;
/** How many requests each further batch counts as: it takes several milliseconds. */
const REQUESTS_OF_BATCH = 5;

/** Lists create operations. */
@Injectable()
export class OperationLists {
  /** A list may read many operations. Those of one tenant run one at a time, so that they do not delay other tenants. */
  readonly #tenants = new KeyedMutex();

  constructor(
    private readonly index: OperationIndex,
    private readonly operations: CreateOperationStore,
    private readonly reads: CreateOperationsService,
    private readonly shedding: LoadShedding,
  ) {}

  /**
   * Returns the create operations of the last 24 h in the caller's spaces, newest first. Throws `NOT_FOUND` if the filter
   * names a space or number that is not the caller's, and `STATE_UNAVAILABLE`.
   */
  async list(caller: Caller, filter: OperationFilter, paging: OperationPaging): Promise<OperationPage> {
    const { status } = filter;
    const { first = DEFAULT_PAGE_SIZE, after } = paging;
    const reach = caller.reach(filter);
    const tenantId = caller.principal.tenant.id;
    const cursors = new OperationCursors(tenantId, filter);
    const below = after === undefined ? undefined : cursors.decode(after);
    const isListed = (operation: CreateOperation | undefined): operation is CreateOperation =>
      operation?.tenantId === tenantId &&
      operation.dropped !== true &&
      (status === undefined || operation.state === status) &&
      reach.includes(operation);
    // One more than the page shows whether another page follows.
    const found = await this.#tenants.run(tenantId, caller.context.remainingMs, busy, () =>
      operationsAvailable(() => this.#find(caller, below, first + 1, isListed)),
    );
    const operations = await Promise.all(
      found.slice(0, first).map(async (operation) => ({
        ...(await this.reads.shown(caller.authorize(operation), operation)),
        cursor: cursors.encode(nameOf(operation)),
      })),
    );
    return { operations, hasNextPage: found.length > first, hasPreviousPage: after !== undefined };
  }

  async #find(
    { context, principal }: Caller,
    after: string | undefined,
    count: number,
    isListed: (operation: CreateOperation | undefined) => operation is CreateOperation,
  ): Promise<CreateOperation[]> {
    const tenantId = principal.tenant.id;
    const found: CreateOperation[] = [];
    for (let below = after; found.length < count;) {
      // Reading a batch may take milliseconds, and most of what is read may not be listed.
      await this.shedding.turn(context);
      const names = await this.index.newest(tenantId, BATCH, below);
      if (below !== after && names.length > 0) context.held?.countMore(REQUESTS_OF_BATCH);
      const read = await Promise.all(names.map((name) => this.operations.read(idOf(name))));
      found.push(...read.map((tracked) => tracked?.operation).filter(isListed));
      below = names.at(-1);
      if (names.length < BATCH) break;
    }
    return found.slice(0, count);
  }
}

function busy(): GatewayError {
  const detail = 'Too many lists of operations are in progress. Nothing was done.';
  return new GatewayError('OVERLOADED', detail, { retryAfterSeconds: 1 });
}
