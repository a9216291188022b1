import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { PageCache } from '../cache/page-cache.js';
import { CamsClient } from '../cams/cams-client.js';
import type { CamsGroupRow } from '../cams/operations.js';
import { asGatewayError } from '../common/errors.js';
import { RequestContext } from '../common/request-context.js';
import { canonicalSubject } from '../common/text.js';
import { Config } from '../config.js';
import { TenantDirectory } from '../tenancy/tenant-directory.js';
import type { TenantScope } from '../tenancy/tenant-scope.js';
import { GroupPages } from './group-pages.js';
import { KnownGroups } from './known-groups.js';
import { type CreateOperation, Operations } from './operations.js';

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 15_000;
const RETRY_GROWTH = 1.5;

/** Finds the group that a create made, at once or in the background until the operation's window has passed. */
@Injectable()
export class CreateResolver implements OnModuleDestroy {
  readonly #logger = new Logger(CreateResolver.name);
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(
    private readonly cams: CamsClient,
    private readonly cache: PageCache,
    private readonly pages: GroupPages,
    private readonly known: KnownGroups,
    private readonly operations: Operations,
    private readonly directory: TenantDirectory,
    private readonly config: Config,
  ) {}

  onModuleDestroy(): void {
    for (const timer of this.#timers) clearTimeout(timer);
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

  /** Goes on looking until the window has passed; calls `settled` once, at the end of either kind. */
  resolveInBackground(operation: CreateOperation, settled: () => void): void {
    const endMs = operation.sentAtMs + this.config.creates.operationWindowMs;
    const look = async (delayMs: number): Promise<void> => {
      await this.#lookAgain(operation);
      if (operation.state === 'PENDING' && performance.now() < endMs) {
        schedule(Math.min(delayMs * RETRY_GROWTH, LONGEST_RETRY_MS));
        return;
      }
      if (operation.state === 'PENDING') giveUp(operation);
      settled();
    };
    const schedule = (delayMs: number): void => {
      const timer = setTimeout(
        () => {
          this.#timers.delete(timer);
          void look(delayMs);
        },
        Math.max(0, Math.min(delayMs, endMs - performance.now())),
      );
      timer.unref();
      this.#timers.add(timer);
    };
    schedule(FIRST_RETRY_MS);
  }

  async #lookAgain(operation: CreateOperation): Promise<void> {
    try {
      // The tenant may have lost the number meanwhile: its scope is made anew, by the directory of this moment.
      const scope = this.directory.scope(operation.tenantId, operation);
      await this.tryResolve(
        scope,
        operation,
        new RequestContext(operation.id, this.config.http.requestBudgetMs),
      );
    } catch (error) {
      operation.detail = 'The number is no longer in reach.';
      this.#logger.warn({
        msg: 'a create can no longer be resolved',
        operation: operation.id,
        code: asGatewayError(error).code,
      });
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
      const { value } = await this.cache.write(scope, () =>
        this.cams.call(scope, 'addInviteLink', { groupId: row.groupId }, context),
      );
      return { ...row, inviteLink: value.result.inviteLink };
    } catch (error) {
      operation.inviteLinkError = asGatewayError(error);
      return row;
    }
  }
}

function giveUp(operation: CreateOperation): void {
  operation.state = 'UNRESOLVED';
  operation.detail ??= operation.addConfirmed
    ? 'CAMS confirmed the create, but no new group with this subject was listed in time.'
    : 'No new group with this subject was listed: the create was probably not executed.';
}
