import { Injectable, Logger } from '@nestjs/common';
import type { CamsGroupRow } from '../cams/operations.js';
import { asGatewayError } from '../common/errors.js';
import type { RequestContext } from '../common/request-context.js';
import { storedError } from '../common/stored-error.js';
import { canonicalSubject } from '../common/text.js';
import { Config } from '../config.js';
import type { TenantScope } from '../tenancy/tenant-scope.js';
import { GroupPages } from './group-pages.js';
import { KnownGroups } from './known-groups.js';
import { type CreateOperation, Operations, PROCESS_ID, type TrackedOperation } from './operations.js';
import { SubjectLocks } from './subject-locks.js';
import { UpstreamWrites } from './upstream-writes.js';

/** How far the clocks of two replicas may be apart. */
const CLOCK_SKEW_MS = 5_000;

/** Finds the group that a create made, and ends its operation. */
@Injectable()
export class CreateResolver {
  readonly #logger = new Logger(CreateResolver.name);
  /** After which CAMS can no longer execute a write that has no answer. */
  readonly #lateMs: number;

  constructor(
    private readonly pages: GroupPages,
    private readonly known: KnownGroups,
    private readonly operations: Operations,
    private readonly subjectLocks: SubjectLocks,
    private readonly upstream: UpstreamWrites,
    config: Config,
  ) {
    this.#lateMs = config.cams.timeoutMs + config.cams.lateApplyMs;
  }

  /** The scope's groups of this subject now. The upstream's filter only narrows; the comparison is ours. */
  async groupsOfSubject(
    scope: TenantScope,
    subject: string,
    context: RequestContext,
  ): Promise<readonly CamsGroupRow[]> {
    const wanted = canonicalSubject(subject);
    const rows = await this.pages.scan(scope, { subject }, context);
    return rows.filter((row) => canonicalSubject(row.subject ?? '') === wanted);
  }

  /**
   * Looks once; the caller is the only one who does at this time. The operation as it is afterwards: a failed look
   * leaves it as it is, since its add was sent, so nothing may call it failed.
   */
  async tryResolve(
    scope: TenantScope,
    tracked: TrackedOperation,
    context: RequestContext,
  ): Promise<TrackedOperation> {
    const { operation } = tracked;
    try {
      const candidates = await this.#candidates(scope, operation, context);
      const [row, ...others] = candidates;
      if (!row) return tracked;
      if (others.length > 0) {
        const detail = `${candidates.length} new groups have this subject and cannot be told apart.`;
        return await this.operations.note(tracked, { detail });
      }
      return await this.#claim(scope, tracked, row, context);
    } catch (error) {
      this.#logger.warn({
        msg: 'a create could not be resolved yet',
        operation: operation.id,
        code: asGatewayError(error).code,
      });
      return tracked;
    }
  }

  /** Makes the link that the create asked for, and that could not be made with it. */
  async completeLink(
    scope: TenantScope,
    tracked: TrackedOperation,
    row: CamsGroupRow,
    context: RequestContext,
  ): Promise<TrackedOperation> {
    const linked = await this.#withInviteLink(scope, { ...tracked.operation, row }, row, context);
    return this.operations.note({ ...tracked, operation: linked }, {});
  }

  /** Nobody needs to look for it any more. */
  async end(scope: TenantScope, { id, subject }: CreateOperation): Promise<void> {
    await this.operations.noLongerPending(id);
    await this.subjectLocks.release(scope, subject, id);
  }

  /** The group is the operation's, if it is still for this process to say so. */
  async #claim(
    scope: TenantScope,
    tracked: TrackedOperation,
    row: CamsGroupRow,
    context: RequestContext,
  ): Promise<TrackedOperation> {
    const { id } = tracked.operation;
    if (!(await this.operations.claim(scope, row.groupId, id))) return tracked;
    const coherence = await this.upstream.outdated(scope);
    const { detail: _, ...rest } = tracked.operation;
    const found: CreateOperation = { ...rest, state: 'SUCCEEDED', row, coherence };
    const claimed = await this.operations.change({ ...tracked, operation: found }, {});
    if (claimed) return this.#complete(scope, claimed, row, context);
    // This process was held up, and somebody else has ended the operation, perhaps without a group.
    const theirs = await this.operations.read(id);
    if (theirs?.operation.row?.groupId !== row.groupId)
      await this.operations.giveUpClaim(scope, row.groupId, id);
    return theirs ?? tracked;
  }

  async #complete(
    scope: TenantScope,
    found: TrackedOperation,
    row: CamsGroupRow,
    context: RequestContext,
  ): Promise<TrackedOperation> {
    const { withInviteLink } = found.operation;
    const ended = withInviteLink ? await this.completeLink(scope, found, row, context) : found;
    await this.end(scope, ended.operation);
    return ended;
  }

  async #candidates(
    scope: TenantScope,
    operation: CreateOperation,
    context: RequestContext,
  ): Promise<CamsGroupRow[]> {
    const rows = await this.groupsOfSubject(scope, operation.subject, context);
    const candidates: CamsGroupRow[] = [];
    for (const row of rows) {
      if (operation.existing.includes(row.groupId) || this.#wasKnown(scope, row, operation)) continue;
      if (await this.operations.isClaimedByOther(scope, row.groupId, operation.id)) continue;
      candidates.push(row);
    }
    return candidates;
  }

  /** Whether the group was seen here before the add: under another subject, then. */
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

  /** Adds the link that the create asked for, unless the group has one. The group exists, whatever becomes of it. */
  async #withInviteLink(
    scope: TenantScope,
    operation: CreateOperation,
    row: CamsGroupRow,
    context: RequestContext,
  ): Promise<CreateOperation> {
    const { inviteLinkError, detail: _, inviteLinkTriedAtMs = 0, ...rest } = operation;
    if (row.inviteLink !== undefined) return { ...rest, row };
    const mayStillAppear = Date.now() - inviteLinkTriedAtMs < this.#lateMs;
    if (inviteLinkError?.code === 'OUTCOME_UNKNOWN' && mayStillAppear) return operation;
    const triedAtMs = Date.now();
    try {
      const fields = { groupId: row.groupId };
      const { result, coherence } = await this.upstream.send(scope, 'addInviteLink', fields, context);
      const weakest = coherence === 'BOUNDED' ? coherence : operation.coherence;
      return { ...rest, coherence: weakest, row: { ...row, inviteLink: result.inviteLink } };
    } catch (thrown) {
      const error = asGatewayError(thrown);
      const detail = `The group exists; its invite link could not be made: ${error.code}.`;
      const failed = { inviteLinkError: storedError(error), inviteLinkTriedAtMs: triedAtMs };
      return { ...rest, row, detail, ...failed };
    }
  }
}
