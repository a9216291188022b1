import { Injectable } from '@nestjs/common';
import type { CamsGroupRow } from '../../cams/api.js';
import { asGatewayError } from '../../errors/gateway-error.js';
import type { RequestContext } from '../../request/request-context.js';
import { storedError } from '../../errors/stored-error.js';
import { Config, longestWriteMs } from '../../config/config.js';
import { UNRECORDED } from '../../idempotency/write-recorder.js';
import type { Lock } from '../../state/locks.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import {
  type CreateOperation,
  CreateOperationStore,
  type TrackedOperation,
} from './create-operation-store.js';
import { UpstreamWrites } from '../writes/upstream-writes.js';

/** Makes the invite link that a create asked for, once its group is found. */
@Injectable()
export class CreateInviteLink {
  /** After which CAMS can no longer execute a write that has no answer. */
  readonly #lateMs: number;

  constructor(
    private readonly operations: CreateOperationStore,
    private readonly upstream: UpstreamWrites,
    config: Config,
  ) {
    this.#lateMs = longestWriteMs(config.cams);
  }

  /**
   * Ends an operation whose group is found, `row` being how it is listed now: with its link, or with why there is none.
   * Left as it is while an earlier try may still make the link, of this process or of one that has died.
   */
  async complete(
    scope: TenantScope,
    tracked: TrackedOperation,
    row: CamsGroupRow,
    context: RequestContext,
    lock?: Lock,
  ): Promise<TrackedOperation> {
    const { inviteLinkError: _, detail: __, ...rest } = tracked.operation;
    const found: CreateOperation = { ...rest, row, state: 'SUCCEEDED' };
    if (!rest.withInviteLink || row.inviteLink !== undefined) return this.operations.note(tracked, found);
    if (this.#mayStillAppear(tracked.operation)) return tracked;
    const inviteLinkTriedAtMs = Date.now();
    const tried = await this.operations.tryChange(tracked, { ...tracked.operation, inviteLinkTriedAtMs });
    if (!tried) return (await this.operations.readIfThere(rest.id)) ?? tracked;
    const linked = await this.#link(scope, { ...found, inviteLinkTriedAtMs }, row, context, lock);
    return this.operations.note(tried, linked);
  }

  /** The group exists, whatever becomes of its link. */
  async #link(
    scope: TenantScope,
    operation: CreateOperation,
    row: CamsGroupRow,
    context: RequestContext,
    lock: Lock | undefined,
  ): Promise<CreateOperation> {
    try {
      const fields = { groupId: row.groupId };
      const backing = { attempt: UNRECORDED, facts: undefined, ...(lock && { lock }) };
      const sent = this.upstream.send(scope, 'addInviteLink', fields, context, backing);
      const { result, coherence } = await sent;
      const weakest = coherence === 'BOUNDED' ? coherence : operation.coherence;
      return { ...operation, coherence: weakest, row: { ...row, inviteLink: result.inviteLink } };
    } catch (thrown) {
      const error = asGatewayError(thrown);
      const detail = `The group exists; its invite link could not be made: ${error.code}.`;
      return { ...operation, detail, inviteLinkError: storedError(error) };
    }
  }

  #mayStillAppear({ inviteLinkTriedAtMs, inviteLinkError }: CreateOperation): boolean {
    if (inviteLinkTriedAtMs === undefined) return false;
    const undecided = inviteLinkError === undefined || inviteLinkError.code === 'OUTCOME_UNKNOWN';
    return undecided && Date.now() - inviteLinkTriedAtMs < this.#lateMs;
  }
}
