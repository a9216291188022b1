import { Injectable } from '@nestjs/common';
import { CamsClient } from '../../cams/cams-client.js';
import { GatewayError } from '../../errors/gateway-error.js';
import type { OwnedGroup } from './ownership.js';

/** The members of a group as they are upstream, past the cache: what removals decide on. */
@Injectable()
export class ParticipantReads {
  constructor(private readonly cams: CamsClient) {}

  async of({ scope, groupId }: OwnedGroup): Promise<ReadonlySet<string>> {
    const { result } = await this.cams.call(scope, 'listParticipants', { groupId });
    return new Set(result.phoneNumbers);
  }

  /**
   * Which of the members are left after CAMS has removed some; read only where the count says that some must be.
   * Throws `OUTCOME_UNKNOWN`, with the upstream's id of the removal.
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
      const detail = `CAMS removed ${affected} of ${members.length} members, and the list of those left could not be read.`;
      throw new GatewayError('OUTCOME_UNKNOWN', detail, {
        cause,
        ...(upstreamRequestId !== undefined && { upstreamRequestId }),
      });
    }
  }
}
