import { Injectable } from '@nestjs/common';
import { GatewayError } from '../../errors/gateway-error.js';
import { StateUnavailable } from '../../state/state-store.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { GroupPages } from '../reads/group-pages.js';
import { Ownership } from '../reads/ownership.js';
import { CreateGuard } from '../writes/create-guard.js';
import { SubjectLocks } from '../writes/subject-locks.js';
import { CandidateGroups } from './candidate-groups.js';
import type { CreateOperation } from './create-operation.js';
import { CreateOperationStore } from './create-operation-store.js';
import { lookupPauseMs } from '../../util/lookup-pause.js';

/** Knows the operations that are pending, and which groups they may have created. */
@Injectable()
export class PendingCreateGuard extends CreateGuard {
  constructor(
    private readonly pages: GroupPages,
    private readonly ownership: Ownership,
    private readonly subjectLocks: SubjectLocks,
    private readonly operations: CreateOperationStore,
    private readonly candidates: CandidateGroups,
  ) {
    super();
  }

  /** Without an idempotency key, does nothing while the state store is unavailable. */
  override async requireNotSought(scope: TenantScope, groupId: string): Promise<void> {
    try {
      const operation = await this.#seekerOf(scope, groupId);
      if (operation) throw sought(operation);
    } catch (error) {
      if (!(error instanceof StateUnavailable) || scope.request.isKeyed) throw error;
    }
  }

  /** Returns the pending operation that may have created a group and has not found its own. Throws `StateUnavailable`. */
  async #seekerOf(scope: TenantScope, groupId: string): Promise<CreateOperation | undefined> {
    // A new group still has the subject under which it was first listed: no call to CAMS is needed for it.
    const row =
      this.pages.lastListed(scope, groupId) ?? (await this.ownership.findOrUndefined(scope, groupId));
    const id = row && (await this.subjectLocks.operationOf(scope, row.subject ?? ''));
    const operation = id === undefined ? undefined : (await this.operations.read(id))?.operation;
    // A group that is found only waits for its invite link.
    if (operation?.state !== 'PENDING' || operation.row) return undefined;
    return (await this.candidates.isCandidate(scope, operation, groupId)) ? operation : undefined;
  }
}

function sought({ id, preparedAtMs }: CreateOperation): GatewayError {
  const detail = `Operation ${id} may have created this group: wait until it has ended, or close it if you do not need its group. Nothing was sent.`;
  const retryAfterSeconds = lookupPauseMs(Date.now() - preparedAtMs) / 1000;
  return new GatewayError('CONFLICT', detail, { operationId: id, retryAfterSeconds });
}
