import { Injectable } from '@nestjs/common';
import { CamsClient } from '../../cams/cams-client.js';
import { GatewayError } from '../../errors/gateway-error.js';
import type { OwnedGroup } from './ownership.js';

/** Reads the members of a group from CAMS, uncached, for removals. */
@Injectable()
export class ParticipantReads {
  constructor(private readonly cams: CamsClient) {}

  async of({ scope, groupId }: OwnedGroup): Promise<ReadonlySet<string>> {
    const { result } = await this.cams.call(scope, 'listParticipants', { groupId });
    return new Set(result.phoneNumbers);
  }

  /**
   * Returns the members that are left after a removal. Reads them only if CAMS removed fewer than requested. Throws
   * `OUTCOME_UNKNOWN` with the upstream request id of the removal.
   */
  async leftOf(
    owned: OwnedGroup,
    members: readonly string[],
    affected: number,
    upstreamRequestId: string | undefined,
  ): Promise<ReadonlySet<string>> {
    if (affected >= members.length) return new Set();
    try {
      return await this.of(owned);
    } catch (cause) {
      const detail = `CAMS removed ${affected} of ${members.length} members, but the gateway could not determine which. List the members to see who is left.`;
      throw new GatewayError('OUTCOME_UNKNOWN', detail, {
        cause,
        ...(upstreamRequestId !== undefined && { upstreamRequestId }),
      });
    }
  }
}
