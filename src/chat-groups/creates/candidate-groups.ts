import { Injectable } from '@nestjs/common';
import type { CamsGroupRow } from '../../cams/api.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { canonicalSubject } from '../../util/text.js';
import { GroupIndex } from '../reads/group-index.js';
import { GroupPages } from '../reads/group-pages.js';
import { CreateAudit } from './create-audit.js';
import type { CreateOperation } from './create-operation.js';
import { CreateOperationStore, PROCESS_ID, type TrackedOperation } from './create-operation-store.js';

/** Maximum clock difference between two replicas. */
const CLOCK_SKEW_MS = 5_000;

/** Lists the groups that a create operation may have created, and claims one of them for it. */
@Injectable()
export class CandidateGroups {
  constructor(
    private readonly pages: GroupPages,
    private readonly known: GroupIndex,
    private readonly operations: CreateOperationStore,
    private readonly audit: CreateAudit,
  ) {}

  /** Returns the scope's groups with this subject now. The filter of CAMS only narrows the list to compare here. */
  async ofSubject(scope: TenantScope, subject: string): Promise<readonly CamsGroupRow[]> {
    const wanted = canonicalSubject(subject);
    const rows = await this.pages.scan(scope, { subject });
    return rows.filter((row) => canonicalSubject(row.subject ?? '') === wanted);
  }

  /** Returns the groups that appeared since the operation began and that no other operation has claimed. */
  async of(scope: TenantScope, operation: CreateOperation): Promise<readonly CamsGroupRow[]> {
    const rows = await this.ofSubject(scope, operation.subject);
    const existing = new Set(operation.existing);
    const candidates: CamsGroupRow[] = [];
    for (const row of rows)
      if (await this.isCandidate(scope, operation, row.groupId, existing)) candidates.push(row);
    return candidates;
  }

  /** Returns whether a group with the subject of the operation is one of {@link of}. */
  async isCandidate(
    scope: TenantScope,
    operation: CreateOperation,
    groupId: string,
    existing: ReadonlySet<string> = new Set(operation.existing),
  ): Promise<boolean> {
    if (existing.has(groupId) || this.#wasKnown(scope, groupId, operation)) return false;
    return !(await this.operations.isClaimedByOther(scope, groupId, operation.id));
  }

  /**
   * Assigns the group to the operation. Returns the operation as it is afterwards, and whether this process assigned it:
   * another one may have claimed the group or ended the operation.
   */
  async claim(
    scope: TenantScope,
    tracked: TrackedOperation,
    row: CamsGroupRow,
  ): Promise<{ readonly tracked: TrackedOperation; readonly claimed: boolean }> {
    const { id } = tracked.operation;
    if (!(await this.operations.claim(scope, row.groupId, id))) return { tracked, claimed: false };
    const coherence = await this.pages.outdated(scope);
    // Before the operation names the group: afterwards, this process may die, or may not learn that the change was stored,
    // and then nobody would write the line.
    await this.audit.found(scope, id, row.groupId);
    const { detail: _, ...rest } = tracked.operation;
    // Succeeds only once its link is created or has failed: until then no client may see it as succeeded.
    const state = rest.withInviteLink && row.inviteLink === undefined ? 'PENDING' : 'SUCCEEDED';
    const claimed = await this.operations.change(tracked, { ...rest, state, row, coherence });
    if (claimed) return { tracked: claimed, claimed: true };
    // This process was delayed, and another one has ended the operation, perhaps without a group.
    const theirs = await this.operations.read(id);
    if (theirs?.operation.row?.groupId !== row.groupId)
      await this.operations.giveUpClaim(scope, row.groupId, id);
    return { tracked: theirs ?? tracked, claimed: false };
  }

  /** Returns whether this process saw the group before the add call, then under another subject. */
  #wasKnown(scope: TenantScope, groupId: string, { preparedAtMs, madeBy }: CreateOperation): boolean {
    const known = this.known.get(scope, groupId);
    if (!known) return false;
    const seenAtMs = performance.timeOrigin + known.firstSeenAtMs;
    return seenAtMs < preparedAtMs - (madeBy === PROCESS_ID ? 0 : CLOCK_SKEW_MS);
  }
}
