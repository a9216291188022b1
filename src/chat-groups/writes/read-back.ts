import { Injectable, Logger } from '@nestjs/common';
import type { CamsGroupRow } from '../../cams/api.js';
import { GatewayError, notFound } from '../../errors/gateway-error.js';
import { GroupPages } from '../reads/group-pages.js';
import { type OwnedGroup, Ownership } from '../reads/ownership.js';
import { executedInPart } from './write-errors.js';

/** Reads a group right before and right after a write to it. */
@Injectable()
export class ReadBack {
  readonly #logger = new Logger(ReadBack.name);

  constructor(
    private readonly ownership: Ownership,
    private readonly pages: GroupPages,
  ) {}

  /** Returns the group before a write that may have to be reconciled; `undefined` without an idempotency key. */
  async before(owned: OwnedGroup): Promise<CamsGroupRow | undefined> {
    if (!owned.scope.request.isKeyed) return undefined;
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

  /** Like {@link after}, with the fields of `overlay`. If the group cannot be read, returns it as last listed. */
  async shown(owned: OwnedGroup, overlay: Partial<CamsGroupRow> = {}): Promise<CamsGroupRow> {
    return { ...((await this.after(owned)) ?? this.lastKnown(owned)), ...overlay };
  }

  /** Returns the group as this process last listed it, or else with its ID alone. */
  lastKnown({ scope, groupId }: Pick<OwnedGroup, 'scope' | 'groupId'>): CamsGroupRow {
    return this.pages.lastListed(scope, groupId) ?? { groupId, status: 'UNKNOWN' };
  }

  /**
   * Throws `OUTCOME_UNKNOWN` unless CAMS shows that a write, which WhatsApp reported as executed in part, has taken effect.
   * The group is `undefined` if it is no longer listed.
   */
  async requireEffect(
    owned: OwnedGroup,
    { inPart, upstreamRequestId }: { inPart: string; upstreamRequestId: string | undefined },
    isVisible: (row: CamsGroupRow | undefined) => boolean,
  ): Promise<void> {
    try {
      if (isVisible(await this.ownership.findNow(owned))) return;
    } catch (cause) {
      throw executedInPart(inPart, upstreamRequestId, cause);
    }
    throw executedInPart(inPart, upstreamRequestId);
  }
}
