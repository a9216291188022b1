import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { CamsGroupRow } from '../cams/operations.js';
import { GatewayError } from '../common/errors.js';
import type { RequestContext } from '../common/request-context.js';
import { Config } from '../config.js';
import type { TenantScope } from '../tenancy/tenant-scope.js';
import { CreateResolver } from './create-resolver.js';
import { type CreateOperation, Operations } from './operations.js';
import { PendingCreates } from './pending-creates.js';
import { SubjectLocks } from './subject-locks.js';
import { UpstreamWrites, type Written } from './upstream-writes.js';

export interface NewGroup {
  readonly subject: string;
  readonly description?: string;
  readonly withInviteLink?: boolean;
}

export interface CreatedGroup extends Written {
  readonly operation: CreateOperation;
  /** Missing while the operation is pending. */
  readonly row: CamsGroupRow | undefined;
}

interface Added extends Written {
  /** Why it is unknown whether the add was executed. */
  readonly lost?: GatewayError;
}

const FIRST_POLL_MS = 100;
const LONGEST_POLL_MS = 1_000;
const POLL_GROWTH = 1.6;
/** Kept back of the request's budget for the invite link and the answer itself. */
const ANSWER_RESERVE_MS = 500;

/**
 * Creates a group and finds out which one it is: CAMS returns no id, so the gateway lists the groups of the subject
 * before and after. It never guesses: what cannot be told apart stays `PENDING`.
 */
@Injectable()
export class GroupCreation {
  constructor(
    private readonly upstream: UpstreamWrites,
    private readonly operations: Operations,
    private readonly subjectLocks: SubjectLocks,
    private readonly resolver: CreateResolver,
    private readonly pending: PendingCreates,
    private readonly config: Config,
  ) {}

  /**
   * Throws `CONFLICT` while a create of the same subject is under way, and `OUTCOME_UNKNOWN`, naming the operation,
   * when the add was sent and neither an answer nor a new group tells what became of it.
   */
  async create(scope: TenantScope, group: NewGroup, context: RequestContext): Promise<CreatedGroup> {
    if (group.withInviteLink) scope.require('groups:invite');
    const id = this.operations.newId();
    this.subjectLocks.acquire(scope, group.subject, id);
    const release = (): void => this.subjectLocks.release(scope, group.subject, id);
    let operation: CreateOperation;
    let added: Added;
    try {
      operation = await this.#prepare(scope, group, id, context);
      added = await this.#add(scope, group, operation, context);
    } catch (error) {
      release();
      throw error;
    }
    const { lost, ...written } = added;
    const row = await this.#poll(scope, operation, context);
    if (operation.state === 'PENDING') {
      this.pending.resolveInBackground(operation, release);
      if (lost) throw stillUnknown(operation, lost);
    } else {
      release();
    }
    // As weak as the weakest of its steps: the add, the group that was found, and its link.
    const coherence = operation.coherence === 'BOUNDED' ? 'BOUNDED' : written.coherence;
    return { ...written, coherence, operation, row };
  }

  async #prepare(
    scope: TenantScope,
    group: NewGroup,
    id: string,
    context: RequestContext,
  ): Promise<CreateOperation> {
    const existing = await this.resolver.groupsOfSubject(scope, group.subject, context);
    return {
      id,
      tenantId: scope.tenant.id,
      custSpaceId: scope.custSpaceId,
      businessNumber: scope.businessNumber,
      subject: group.subject,
      withInviteLink: group.withInviteLink === true,
      existing: new Set(existing.map((row) => row.groupId)),
      sentAtMs: performance.now(),
      addConfirmed: false,
      state: 'PENDING',
      detail: undefined,
      groupId: undefined,
      coherence: 'COHERENT',
      inviteLinkError: undefined,
    };
  }

  /** Sends the add, once. What certainly was not executed is thrown; what is unknown is left to the poll. */
  async #add(
    scope: TenantScope,
    { subject, description }: NewGroup,
    operation: CreateOperation,
    context: RequestContext,
  ): Promise<Added> {
    try {
      const fields = { subject, ...(description !== undefined && { description }) };
      const written = await this.upstream.send(scope, 'addChatGroup', fields, context);
      operation.addConfirmed = true;
      this.operations.save(operation);
      return written;
    } catch (error) {
      if (!(error instanceof GatewayError) || error.code !== 'OUTCOME_UNKNOWN') throw error;
      this.operations.save(operation);
      const { upstreamRequestId } = error.options;
      // The ids of the polls that follow are not the add's.
      context.keepUpstreamRequestId(upstreamRequestId);
      return { coherence: 'BOUNDED', upstreamRequestId, lost: error };
    }
  }

  async #poll(
    scope: TenantScope,
    operation: CreateOperation,
    context: RequestContext,
  ): Promise<CamsGroupRow | undefined> {
    const windowMs = Math.min(this.config.creates.resolveTimeoutMs, context.remainingMs - ANSWER_RESERVE_MS);
    const endMs = performance.now() + windowMs;
    for (let delayMs = FIRST_POLL_MS; ; delayMs = Math.min(delayMs * POLL_GROWTH, LONGEST_POLL_MS)) {
      const row = await this.resolver.tryResolve(scope, operation, context);
      const restMs = endMs - performance.now();
      if (row || restMs <= 0) return row;
      await sleep(Math.min(delayMs, restMs));
    }
  }
}

function stillUnknown({ id }: CreateOperation, lost: GatewayError): GatewayError {
  const { upstreamRequestId, upstreamCode } = lost.options;
  return new GatewayError(
    'OUTCOME_UNKNOWN',
    `The create was sent and no answer tells whether it was executed. Operation ${id} tells when it is known.`,
    {
      operationId: id,
      ...(upstreamRequestId !== undefined && { upstreamRequestId }),
      ...(upstreamCode !== undefined && { upstreamCode }),
      cause: lost,
    },
  );
}
