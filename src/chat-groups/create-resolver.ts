import { Injectable, Logger } from '@nestjs/common';
import type { CamsGroupRow } from '../cams/operations.js';
import { asGatewayError } from '../common/errors.js';
import type { RequestContext } from '../common/request-context.js';
import { canonicalSubject } from '../common/text.js';
import type { TenantScope } from '../tenancy/tenant-scope.js';
import { GroupPages } from './group-pages.js';
import { KnownGroups } from './known-groups.js';
import { type CreateOperation, Operations } from './operations.js';
import { UpstreamWrites } from './upstream-writes.js';

/** Finds the group that a create made. */
@Injectable()
export class CreateResolver {
  readonly #logger = new Logger(CreateResolver.name);

  constructor(
    private readonly pages: GroupPages,
    private readonly known: KnownGroups,
    private readonly operations: Operations,
    private readonly upstream: UpstreamWrites,
  ) {}

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

  /** Looks once. A failed look leaves the operation as it is: its add was sent, so nothing may call it failed. */
  async tryResolve(
    scope: TenantScope,
    operation: CreateOperation,
    context: RequestContext,
  ): Promise<CamsGroupRow | undefined> {
    try {
      const rows = await this.groupsOfSubject(scope, operation.subject, context);
      const candidates = rows.filter((row) => this.#isCandidate(scope, row, operation));
      const [row, ...others] = candidates;
      if (others.length > 0)
        operation.detail = `${candidates.length} new groups have this subject and cannot be told apart.`;
      if (!row || others.length > 0 || !this.operations.claim(scope, row.groupId, operation))
        return undefined;
      operation.coherence = await this.upstream.outdated(scope);
      operation.state = 'SUCCEEDED';
      operation.detail = undefined;
      operation.groupId = row.groupId;
      return operation.withInviteLink ? await this.#withInviteLink(scope, row, operation, context) : row;
    } catch (error) {
      this.#logger.warn({
        msg: 'a create could not be resolved yet',
        operation: operation.id,
        code: asGatewayError(error).code,
      });
      return undefined;
    }
  }

  #isCandidate(scope: TenantScope, { groupId }: CamsGroupRow, operation: CreateOperation): boolean {
    if (operation.existing.has(groupId) || this.operations.isClaimed(scope, groupId)) return false;
    const known = this.known.get(scope, groupId);
    return known === undefined || known.firstSeenAtMs >= operation.sentAtMs;
  }

  /** Adds the link that the create asked for, unless the group has one. The group exists, whatever becomes of it. */
  async #withInviteLink(
    scope: TenantScope,
    row: CamsGroupRow,
    operation: CreateOperation,
    context: RequestContext,
  ): Promise<CamsGroupRow> {
    if (row.inviteLink !== undefined) return row;
    try {
      const fields = { groupId: row.groupId };
      const { result, coherence } = await this.upstream.send(scope, 'addInviteLink', fields, context);
      if (coherence === 'BOUNDED') operation.coherence = coherence;
      return { ...row, inviteLink: result.inviteLink };
    } catch (error) {
      operation.inviteLinkError = asGatewayError(error);
      operation.detail = `The group exists; its invite link could not be made: ${operation.inviteLinkError.code}.`;
      return row;
    }
  }
}
