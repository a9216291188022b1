import { Injectable, Logger } from '@nestjs/common';
import type { CamsGroupRow } from '../../cams/api.js';
import { asGatewayError } from '../../errors/gateway-error.js';
import { StateUnavailable } from '../../state/state-store.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { CandidateGroups } from './candidate-groups.js';
import { CreateInviteLink } from './create-invite-link.js';
import { CreateOperationStore, type TrackedOperation } from './create-operation-store.js';

const STATE_LOST =
  'The group cannot be identified while the state store of the gateway is unavailable. It may already be listed.';

/** Finds the group of a create operation, and ends the operation. */
@Injectable()
export class CreatedGroupMatcher {
  readonly #logger = new Logger(CreatedGroupMatcher.name);

  constructor(
    private readonly candidates: CandidateGroups,
    private readonly operations: CreateOperationStore,
    private readonly links: CreateInviteLink,
  ) {}

  /**
   * Looks for the group once and returns the operation as it is afterwards. The caller must hold the lookup lock. A
   * failed lookup only counts as an attempt: its add call was sent, so it must not be reported as failed.
   */
  async tryResolve(scope: TenantScope, before: TrackedOperation): Promise<TrackedOperation> {
    const tracked = counted(before);
    const { operation } = tracked;
    try {
      if (operation.row) return await this.#goOn(scope, tracked, operation.row);
      const candidates = await this.candidates.of(scope, operation);
      const [row, ...others] = candidates;
      if (!row) return tracked;
      if (others.length > 0) {
        const detail = `${candidates.length} new groups have this subject and cannot be told apart.`;
        return await this.operations.note(tracked, { ...operation, detail, inconclusive: true });
      }
      const { tracked: after, claimed } = await this.candidates.claim(scope, tracked, row);
      return claimed ? await this.#complete(scope, after, row) : after;
    } catch (error) {
      const isStateLost = error instanceof StateUnavailable;
      // Once per operation, however often it is tried again.
      if (!before.operation.inconclusive)
        this.#logger.warn({
          msg: 'could not resolve a create operation yet',
          operation: operation.id,
          code: isStateLost ? 'STATE_UNAVAILABLE' : asGatewayError(error).code,
        });
      const unseen = { ...operation, inconclusive: true, ...(isStateLost && { detail: STATE_LOST }) };
      return { ...tracked, operation: unseen };
    }
  }

  /** Continues an operation whose group was found by a process that died before it ended the operation. */
  async #goOn(scope: TenantScope, tracked: TrackedOperation, row: CamsGroupRow): Promise<TrackedOperation> {
    const rows = await this.candidates.ofSubject(scope, tracked.operation.subject);
    const now = rows.find(({ groupId }) => groupId === row.groupId) ?? row;
    return this.#complete(scope, tracked, now);
  }

  async #complete(scope: TenantScope, found: TrackedOperation, row: CamsGroupRow): Promise<TrackedOperation> {
    const ended =
      found.operation.state === 'SUCCEEDED' ? found : await this.links.complete(scope, found, row);
    if (ended.operation.state !== 'PENDING') await this.operations.end(scope, ended.operation);
    return ended;
  }
}

/** Counts an attempt. It is stored with the next change of the operation. */
function counted({ operation, version }: TrackedOperation): TrackedOperation {
  const { inconclusive: _, detail: _detail, ...rest } = operation;
  return { version, operation: { ...rest, attempts: (operation.attempts ?? 0) + 1 } };
}
