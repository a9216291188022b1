import { Injectable, Logger } from '@nestjs/common';
import type { CamsGroupRow } from '../../cams/api.js';
import { GatewayError, notFound } from '../../errors/gateway-error.js';
import { type OwnedGroup, Ownership } from '../reads/ownership.js';

/** A group right before and right after a write to it. */
@Injectable()
export class ReadBack {
  readonly #logger = new Logger(ReadBack.name);

  constructor(private readonly ownership: Ownership) {}

  /** The group before a write that may have to be reconciled; `undefined` for one without a key. */
  async before(owned: OwnedGroup): Promise<CamsGroupRow | undefined> {
    if (owned.scope.request.idempotencyKey === undefined) return undefined;
    const row = await this.ownership.findNow(owned);
    if (!row) throw notFound();
    return row;
  }

  /** The group after a write. The write is done, so a failed read must not turn it into a failure. */
  async after(owned: OwnedGroup): Promise<CamsGroupRow | undefined> {
    try {
      return await this.ownership.findNow(owned);
    } catch (error) {
      const code = error instanceof GatewayError ? error.code : 'INTERNAL';
      this.#logger.warn({ msg: 'the group could not be read after a write', code });
      return undefined;
    }
  }

  /** As {@link after}, with what is known better; as much of the group as there is. */
  async shown(owned: OwnedGroup, overlay: Partial<CamsGroupRow> = {}): Promise<CamsGroupRow> {
    return { ...((await this.after(owned)) ?? unknownGroup(owned.groupId)), ...overlay };
  }
}

/** A group of which nothing was read. */
export function unknownGroup(groupId: string): CamsGroupRow {
  return { groupId, status: 'UNKNOWN' };
}
