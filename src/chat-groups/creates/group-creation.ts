import { Injectable } from '@nestjs/common';
import { GatewayError } from '../../errors/gateway-error.js';
import type { WriteOutcome } from '../../idempotency/idempotency.js';
import { UNRECORDED } from '../../idempotency/write-recorder.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { IdempotencyStep } from '../writes/guard-steps.js';
import { compose } from '../writes/write.js';
import { createUnknown } from '../writes/write-errors.js';
import { WritePipeline } from '../writes/write-pipeline.js';
import { CreateInviteLink } from './create-invite-link.js';
import { type CreatedGroup, newOperationId } from './create-operation.js';
import { CreateOperationStep, type NewGroup, type StartedCreate } from './create-operation-step.js';
import { type Added, type CreateFacts, CreatePoll } from './create-poll.js';

/**
 * Creates a group and identifies it. CAMS returns no group id, so the gateway lists the groups with the subject before
 * and after the call. It never guesses: while groups cannot be told apart, the operation stays `PENDING`.
 */
@Injectable()
export class GroupCreation {
  constructor(
    private readonly idempotency: IdempotencyStep,
    private readonly operation: CreateOperationStep,
    private readonly pipeline: WritePipeline,
    private readonly poll: CreatePoll,
    private readonly links: CreateInviteLink,
  ) {}

  /**
   * With `respondAsync`, returns as soon as CAMS has confirmed the add call; its group is identified afterwards. This does
   * not count as part of the request, so a retry with the same idempotency key may wait. Throws `CONFLICT` while a create operation with the same subject is in progress. Throws `OUTCOME_UNKNOWN`, naming
   * the operation, if the add call was sent but neither a response nor a new group shows its outcome.
   */
  async create(
    scope: TenantScope,
    group: NewGroup,
    { respondAsync = false } = {},
  ): Promise<WriteOutcome<CreatedGroup & { readonly linkError: GatewayError | undefined }>> {
    const { subject, description = null, withInviteLink = false } = group;
    if (withInviteLink) scope.require('groups:invite');
    const texts = description === null ? {} : { description };
    const steps = [
      this.idempotency.of<StartedCreate, CreateFacts, unknown, CreatedGroup>(
        {
          identity: ['createChatGroup', subject, description, withInviteLink],
          reconcile: (sent) => this.poll.reconcile(scope, sent),
        },
        texts,
      ),
      // The group does not exist yet, so the operation locks its subject instead.
      this.operation,
    ];
    const addAndFind = async (create: StartedCreate): Promise<WriteOutcome<CreatedGroup>> => {
      const added = await this.#add(create);
      return { value: await this.poll.confirm(scope, added, respondAsync), replayed: false };
    };
    const run = compose<StartedCreate, WriteOutcome<CreatedGroup>>(steps, addAndFind);
    const outcome = await run({ scope, group, operationId: newOperationId(), recorder: UNRECORDED });
    const value = outcome.replayed ? await this.links.upToDate(scope, outcome.value) : outcome.value;
    // An operation that was read from its record has no long texts.
    const whole = await this.idempotency.withTexts(scope, value, texts);
    return { ...outcome, value: { ...whole, linkError: this.links.errorOf(scope, whole.operation) } };
  }

  /** Sends the add call once. Throws if it certainly was not executed; leaves an unknown outcome to the poll. */
  async #add({ scope, group, operation }: StartedCreate): Promise<Added> {
    if (!operation) throw new Error('An add needs an operation.');
    const { subject, description } = group;
    const { id } = operation.tracked.operation;
    const facts: CreateFacts = { operationId: id };
    const fields = { subject, ...(description !== undefined && { description }) };
    try {
      const guards = { recorder: operation, facts, holder: operation.holder };
      const sent = await this.pipeline.send(scope, 'addChatGroup', fields, guards);
      const { result, coherence, upstreamRequestId } = sent;
      operation.goesOn = true;
      const { uniqueCode } = result;
      return { coherence, upstreamRequestId, tracked: operation.tracked, uniqueCode };
    } catch (error) {
      const lost = operation.sent ? lostAdd(error, id) : undefined;
      if (!lost) throw error;
      operation.goesOn = true;
      const { upstreamRequestId } = lost.options;
      return { coherence: 'BOUNDED', upstreamRequestId, tracked: operation.tracked, lost };
    }
  }
}

/** Returns the error if the add call may have been executed. Only a catalogue error can rule that out. */
function lostAdd(error: unknown, operationId: string): GatewayError | undefined {
  if (!(error instanceof GatewayError)) return createUnknown(operationId);
  return error.code === 'OUTCOME_UNKNOWN' ? error : undefined;
}
