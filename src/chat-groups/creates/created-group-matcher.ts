import { Injectable, Logger } from '@nestjs/common';
import type { CamsGroupRow } from '../../cams/api.js';
import { asGatewayError } from '../../errors/gateway-error.js';
import { canonicalSubject } from '../../util/text.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { CreateInviteLink } from './create-invite-link.js';
import { GroupPages } from '../reads/group-pages.js';
import { GroupIndex } from '../reads/group-index.js';
import {
  type CreateOperation,
  CreateOperationStore,
  PROCESS_ID,
  type TrackedOperation,
} from './create-operation-store.js';
import { SubjectLocks } from '../writes/subject-locks.js';

/** Maximum clock difference between two replicas. */
const CLOCK_SKEW_MS = 5_000;

/** Finds the group of a create operation, and ends the operation. */
@Injectable()
export class CreatedGroupMatcher {
  readonly #logger = new Logger(CreatedGroupMatcher.name);

  constructor(
    private readonly pages: GroupPages,
    private readonly known: GroupIndex,
    private readonly operations: CreateOperationStore,
    private readonly subjectLocks: SubjectLocks,
    private readonly links: CreateInviteLink,
  ) {}

  /** Returns the scope's groups with this subject now. The filter of CAMS only narrows the list to compare here. */
  async groupsOfSubject(scope: TenantScope, subject: string): Promise<readonly CamsGroupRow[]> {
    const wanted = canonicalSubject(subject);
    const rows = await this.pages.scan(scope, { subject });
    return rows.filter((row) => canonicalSubject(row.subject ?? '') === wanted);
  }

  /**
   * Looks for the group once and returns the operation as it is afterwards. The caller must hold the lookup lock. A
   * failed lookup leaves the operation unchanged: its add call was sent, so it must not be reported as failed.
   */
  async tryResolve(scope: TenantScope, tracked: TrackedOperation): Promise<TrackedOperation> {
    const { operation } = tracked;
    try {
      if (operation.row) return await this.#goOn(scope, tracked, operation.row);
      const candidates = await this.#candidates(scope, operation);
      const [row, ...others] = candidates;
      if (!row) return tracked;
      if (others.length > 0) {
        const detail = `${candidates.length} new groups have this subject and cannot be told apart.`;
        return await this.operations.note(tracked, { ...operation, detail });
      }
      return await this.#claim(scope, tracked, row);
    } catch (error) {
      this.#logger.warn({
        msg: 'could not resolve a create operation yet',
        operation: operation.id,
        code: asGatewayError(error).code,
      });
      return tracked;
    }
  }

  /** Stops the search for the operation's group, and releases its subject. */
  async end(scope: TenantScope, { id, subject }: CreateOperation): Promise<void> {
    await this.operations.noLongerPending(id);
    await this.subjectLocks.release(scope, subject, id);
  }

  /** Assigns the group to the operation, unless another process has ended the operation. */
  async #claim(scope: TenantScope, tracked: TrackedOperation, row: CamsGroupRow): Promise<TrackedOperation> {
    const { id } = tracked.operation;
    if (!(await this.operations.claim(scope, row.groupId, id))) return tracked;
    const coherence = await this.pages.outdated(scope);
    const { detail: _, ...rest } = tracked.operation;
    // Succeeds only once its link is created or has failed: until then no client may see it as succeeded.
    const state = rest.withInviteLink && row.inviteLink === undefined ? 'PENDING' : 'SUCCEEDED';
    const found: CreateOperation = { ...rest, state, row, coherence };
    const claimed = await this.operations.change(tracked, found);
    if (claimed) return this.#complete(scope, claimed, row);
    // This process was delayed, and another one has ended the operation, perhaps without a group.
    const theirs = await this.operations.read(id);
    if (theirs?.operation.row?.groupId !== row.groupId)
      await this.operations.giveUpClaim(scope, row.groupId, id);
    return theirs ?? tracked;
  }

  /** Continues an operation whose group was found by a process that died before it ended the operation. */
  async #goOn(scope: TenantScope, tracked: TrackedOperation, row: CamsGroupRow): Promise<TrackedOperation> {
    const rows = await this.groupsOfSubject(scope, tracked.operation.subject);
    const now = rows.find(({ groupId }) => groupId === row.groupId) ?? row;
    return this.#complete(scope, tracked, now);
  }

  async #complete(scope: TenantScope, found: TrackedOperation, row: CamsGroupRow): Promise<TrackedOperation> {
    const ended =
      found.operation.state === 'SUCCEEDED' ? found : await this.links.complete(scope, found, row);
    if (ended.operation.state !== 'PENDING') await this.end(scope, ended.operation);
    return ended;
  }

  async #candidates(scope: TenantScope, operation: CreateOperation): Promise<CamsGroupRow[]> {
    const rows = await this.groupsOfSubject(scope, operation.subject);
    const candidates: CamsGroupRow[] = [];
    for (const row of rows) {
      if (operation.existing.includes(row.groupId) || this.#wasKnown(scope, row, operation)) continue;
      if (await this.operations.isClaimedByOther(scope, row.groupId, operation.id)) continue;
      candidates.push(row);
    }
    return candidates;
  }

  /** Returns whether this process saw the group before the add call, then under another subject. */
  #wasKnown(
    scope: TenantScope,
    { groupId }: CamsGroupRow,
    { preparedAtMs, madeBy }: CreateOperation,
  ): boolean {
    const known = this.known.get(scope, groupId);
    if (!known) return false;
    const seenAtMs = performance.timeOrigin + known.firstSeenAtMs;
    return seenAtMs < preparedAtMs - (madeBy === PROCESS_ID ? 0 : CLOCK_SKEW_MS);
  }
}
