import { Inject, Injectable } from '@nestjs/common';
import { LENIENT_STATE_STORE, type StateStore, type StateWrite } from '../../state/state-store.js';
import { digestOf } from '../../util/digest.js';
import { DAY_MS } from '../../util/durations.js';

/** Operations of a tenant that can be listed; older ones can still be read by their ID. */
export const MAX_LISTED = 1_000;
/** Digits of an epoch time in ms, so that names sort by time. */
const TIME_DIGITS = 13;

interface Indexed {
  readonly id: string;
  readonly tenantId: string;
  readonly preparedAtMs: number;
}

/** The names of a tenant's create operations, in the order of their creation. */
@Injectable()
export class OperationIndex {
  constructor(@Inject(LENIENT_STATE_STORE) private readonly store: StateStore) {}

  /** Adds an operation until it expires. Throws `StateUnavailable`, like the methods below. */
  async add(operation: Indexed, options: Pick<StateWrite, 'sharedOnly'> = {}): Promise<void> {
    const oldest = timeOf(Date.now() - DAY_MS);
    const entry = { name: nameOf(operation), oldest, maxNames: MAX_LISTED, lifeMs: DAY_MS };
    await this.store.addToIndex(keyOf(operation.tenantId), entry, options);
  }

  async remove(operation: Indexed): Promise<void> {
    await this.store.removeFromIndex(keyOf(operation.tenantId), nameOf(operation));
  }

  /** Returns the names of operations, newest first. `below` is a name, which may have expired. */
  async newest(tenantId: string, count: number, below?: string): Promise<readonly string[]> {
    return this.store.index(keyOf(tenantId), { count, below });
  }
}

/** Returns the name of an operation in the index. */
export function nameOf({ preparedAtMs, id }: Omit<Indexed, 'tenantId'>): string {
  return `${timeOf(preparedAtMs)}.${id}`;
}

/** Returns the ID of an operation from its name. */
export function idOf(name: string): string {
  return name.slice(TIME_DIGITS + 1);
}

function timeOf(epochMs: number): string {
  return String(Math.floor(epochMs)).padStart(TIME_DIGITS, '0');
}

function keyOf(tenantId: string): string {
  return `cgs:l:${digestOf([tenantId])}`;
}
