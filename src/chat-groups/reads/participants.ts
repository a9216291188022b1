import { Injectable } from '@nestjs/common';
import { CamsClient } from '../../cams/cams-client.js';
import type { CamsAffected } from '../../cams/api.js';
import { Config } from '../../config/config.js';
import { GatewayError } from '../../errors/gateway-error.js';
import { memberKey } from '../../util/phone-number.js';
import type { OwnedGroup } from './ownership.js';

/** IDs of members as CAMS lists them, by their {@link memberKey}. */
export type Members = ReadonlyMap<string, string>;

/** Reads the members of a group from CAMS, uncached. */
@Injectable()
export class ParticipantReads {
  readonly #pageSize: number;

  constructor(
    private readonly cams: CamsClient,
    config: Config,
  ) {
    this.#pageSize = config.cams.pageSize;
  }

  /** Returns all members. CAMS' total may leave some out, so pages are read until one is not full or brings nothing new. */
  async of({ scope, groupId }: OwnedGroup): Promise<Members> {
    const members = new Map<string, string>();
    for (let index = 1; ; index += 1) {
      const page = { index, size: this.#pageSize };
      const { result } = await this.cams.call(scope, 'listParticipants', { groupId, page });
      const known = members.size;
      for (const id of result.ids) if (!members.has(memberKey(id))) members.set(memberKey(id), id);
      if (result.rows < page.size || members.size === known) return members;
    }
  }

  /**
   * Returns the members that are left after a removal. Reads them only if CAMS removed fewer than requested. Throws
   * `OUTCOME_UNKNOWN` with the upstream request id of the removal if CAMS does not show which: its list may be late.
   */
  async leftOf(
    owned: OwnedGroup,
    members: readonly string[],
    { affected, inPart }: CamsAffected,
    upstreamRequestId: string | undefined,
  ): Promise<Members> {
    if (affected >= members.length && !inPart) return new Map();
    const unknownWhich = (cause?: unknown): GatewayError => {
      const removed = inPart ? 'some' : affected;
      const detail = `CAMS removed ${removed} of ${members.length} members, but the gateway could not determine which. List the members to see who is left.`;
      const ids = upstreamRequestId === undefined ? {} : { upstreamRequestId };
      return new GatewayError('OUTCOME_UNKNOWN', detail, { ...ids, cause });
    };
    const left = await this.of(owned).catch((cause: unknown) => {
      throw unknownWhich(cause);
    });
    const gone = members.filter((id) => !left.has(memberKey(id)));
    if (!inPart && gone.length < affected) throw unknownWhich();
    return left;
  }
}
