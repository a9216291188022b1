import { Injectable } from '@nestjs/common';
import type { CamsGroupRow } from '../../cams/api.js';
import { GatewayError, asGatewayError } from '../../errors/gateway-error.js';
import { loggedIfUnexpected } from '../../errors/unexpected-error.js';
import { restoredError, storedError } from '../../errors/stored-error.js';
import { Config, longestWriteMs } from '../../config/config.js';
import type { Lock } from '../../state/locks.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import type { CreateOperation, CreatedGroup } from './create-operation.js';
import { CreateOperationStore, type TrackedOperation } from './create-operation-store.js';
import { Ownership } from '../reads/ownership.js';
import { GroupLock } from '../writes/group-lock.js';
import { executedInPart } from '../writes/write-errors.js';
import { WritePipeline } from '../writes/write-pipeline.js';

/** Creates the invite link that a create request asked for, once its group is found. */
@Injectable()
export class CreateInviteLink {
  /** Time after which CAMS can no longer execute a write that it has not confirmed. */
  readonly #lateMs: number;

  constructor(
    private readonly operations: CreateOperationStore,
    private readonly pipeline: WritePipeline,
    private readonly groupLock: GroupLock,
    private readonly ownership: Ownership,
    config: Config,
  ) {
    this.#lateMs = longestWriteMs(config.cams);
  }

  /**
   * Ends an operation whose group is found, with the invite link or with the reason why there is none. `row` is the
   * group as listed now. Leaves the operation unchanged while an earlier attempt, by this process or by one that has
   * died, may still create the link.
   */
  async complete(
    scope: TenantScope,
    tracked: TrackedOperation,
    row: CamsGroupRow,
    lock?: Lock,
  ): Promise<TrackedOperation> {
    const { inviteLinkError: _, detail: __, ...rest } = tracked.operation;
    const found: CreateOperation = { ...rest, row, state: 'SUCCEEDED' };
    if (!rest.withInviteLink || row.inviteLink !== undefined) return this.operations.note(tracked, found);
    if (this.#mayStillAppear(tracked.operation)) return tracked;
    const inviteLinkTriedAtMs = Date.now();
    const tried = await this.operations.tryChange(tracked, { ...tracked.operation, inviteLinkTriedAtMs });
    if (!tried) return (await this.operations.readIfThere(rest.id)) ?? tracked;
    const linked = await this.#link(scope, { ...found, inviteLinkTriedAtMs }, row, lock);
    return this.operations.note(tried, linked);
  }

  /** Returns why a group that was created has no link. With an idempotency key, the same request creates only the link. */
  errorOf({ request }: TenantScope, operation: CreateOperation): GatewayError | undefined {
    const { inviteLinkError, inviteLinkTriedAtMs = 0 } = operation;
    if (!inviteLinkError) return undefined;
    const { code, detail, retryable, options } = restoredError(inviteLinkError);
    const isRetryable = request.isKeyed && (retryable || code === 'OUTCOME_UNKNOWN');
    // Without a key, the same request would create another group.
    if (!isRetryable)
      return new GatewayError(code, `${detail} The group was created.`, { ...options, retryable: false });
    const waitMs = this.#mayStillAppear(operation) ? inviteLinkTriedAtMs + this.#lateMs - Date.now() : 0;
    const remedy = 'The group was created: send the same request again to create only the link.';
    return new GatewayError(code, `${detail} ${remedy}`, {
      ...options,
      retryable: true,
      retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1_000)),
    });
  }

  /** Returns a replayed create operation in its current state. Retries a link that could not be created. */
  async upToDate(scope: TenantScope, created: CreatedGroup): Promise<CreatedGroup> {
    const { state, inviteLinkError, id } = created.operation;
    if (state === 'SUCCEEDED' && !inviteLinkError) return created;
    const latest = (await this.operations.readIfThere(id))?.operation ?? created.operation;
    const { row } = latest;
    if (!latest.inviteLinkError || !row) return { ...created, operation: latest };
    const { groupId } = row;
    const linked = this.groupLock.execute({ scope, groupId }, ({ lock }) =>
      this.#linked(scope, latest, groupId, lock),
    );
    // The group exists even if nothing can be done about its link now.
    const operation = await linked.catch((thrown: unknown) => {
      loggedIfUnexpected(asGatewayError(thrown), scope.request.requestId);
      return latest;
    });
    return { ...created, operation };
  }

  /** Runs under the group's lock. While this process waited for it, another one may have created the link. */
  async #linked(
    scope: TenantScope,
    before: CreateOperation,
    groupId: string,
    lock: Lock,
  ): Promise<CreateOperation> {
    const tracked = await this.operations.readIfThere(before.id);
    if (!tracked?.operation.inviteLinkError) return tracked?.operation ?? before;
    const row = await this.ownership.findNow({ scope, groupId });
    if (!row) return tracked.operation;
    return (await this.complete(scope, tracked, row, lock)).operation;
  }

  /** Never throws: the group exists even if its link cannot be created. */
  async #link(
    scope: TenantScope,
    operation: CreateOperation,
    row: CamsGroupRow,
    lock: Lock | undefined,
  ): Promise<CreateOperation> {
    try {
      const fields = { groupId: row.groupId };
      const sent = await this.pipeline.send(scope, 'addInviteLink', fields, { lock });
      const { result, coherence, upstreamRequestId } = sent;
      if (result.inPart !== undefined) throw executedInPart(result.inPart, upstreamRequestId);
      const weakest = coherence === 'BOUNDED' ? coherence : operation.coherence;
      return { ...operation, coherence: weakest, row: { ...row, inviteLink: result.inviteLink } };
    } catch (thrown) {
      return withoutLink(operation, loggedIfUnexpected(asGatewayError(thrown), scope.request.requestId));
    }
  }

  #mayStillAppear({ inviteLinkTriedAtMs, inviteLinkError }: CreateOperation): boolean {
    if (inviteLinkTriedAtMs === undefined) return false;
    const undecided = inviteLinkError === undefined || inviteLinkError.code === 'OUTCOME_UNKNOWN';
    return undecided && Date.now() - inviteLinkTriedAtMs < this.#lateMs;
  }
}

/** Returns an operation as it ends if its group is found, but its invite link could not be created. */
export function withoutLink(operation: CreateOperation, error: GatewayError): CreateOperation {
  const detail =
    error.code === 'OUTCOME_UNKNOWN'
      ? 'The group was created. It is unknown whether its invite link was.'
      : `The group was created, but its invite link could not be created: ${error.code}.`;
  return { ...operation, state: 'SUCCEEDED', detail, inviteLinkError: storedError(error) };
}
