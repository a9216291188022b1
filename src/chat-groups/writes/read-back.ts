import { Injectable, Logger } from '@nestjs/common';
import type { CamsGroupRow } from '../../cams/api.js';
import { GatewayError, notFound } from '../../errors/gateway-error.js';
import { type OwnedGroup, Ownership } from '../reads/ownership.js';

/** Reads a group right before and right after a write to it. */
@Injectable()
export class ReadBack {
  readonly #logger = new Logger(ReadBack.name);

  constructor(private readonly ownership: Ownership) {}

  /** Returns the group before a write that may have to be reconciled; `undefined` without an idempotency key. */
  async before(owned: OwnedGroup): Promise<CamsGroupRow | undefined> {
    if (owned.scope.request.idempotencyKey === undefined) return undefined;
    const row = await this.ownership.findNow(owned);
    if (!row) throw notFound();
    return row;
  }

  /** Returns the group after a write, or `undefined` if it cannot be read: the write itself has succeeded. */
  async after(owned: OwnedGroup): Promise<CamsGroupRow | undefined> {
    try {
      return await this.ownership.findNow(owned);
    } catch (error) {
      const code = error instanceof GatewayError ? error.code : 'INTERNAL';
      this.#logger.warn({ msg: 'could not read the group after a write', code });
      return undefined;
    }
  }

  /** Like {@link after}, with the fields of `overlay`. Returns a group with the id alone if it cannot be read. */
  async shown(owned: OwnedGroup, overlay: Partial<CamsGroupRow> = {}): Promise<CamsGroupRow> {
    return { ...((await this.after(owned)) ?? unknownGroup(owned.groupId)), ...overlay };
  }
}

/** Returns a group of which only the id is known. */
export function unknownGroup(groupId: string): CamsGroupRow {
  return { groupId, status: 'UNKNOWN' };
}
