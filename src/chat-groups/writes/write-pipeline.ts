import { Injectable } from '@nestjs/common';
import type { Fields, Result } from '../../cams/api.js';
import type { Reconciled, SentWrite, WriteOutcome } from '../../idempotency/idempotency.js';
import { UNRECORDED, type WriteRecorder } from '../../idempotency/write-recorder.js';
import type { Lock } from '../../state/locks.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import type { Precondition } from '../model/etag.js';
import type { OwnedGroup } from '../reads/ownership.js';
import { GroupLock } from './group-lock.js';
import type { GroupTexts } from './long-texts.js';
import { IdempotencyStep, OwnershipStep, PreconditionStep } from './guard-steps.js';
import * as sending from './sending-steps.js';
import { type Sent, type Step, type Written, compose, failed } from './write.js';
import type { WriteName } from './write-audit.js';
import { nothingToChange } from './write-errors.js';

/** Declaration of a write to an existing group. */
export interface GroupWrite<Name extends WriteName, Facts, Value extends Written> {
  readonly scope: TenantScope;
  readonly groupId: string;
  readonly operation: Name;
  /** What a retry must have in common with the first request, apart from the scope. */
  readonly identity: readonly unknown[];
  readonly precondition?: Precondition | undefined;
  /** Texts of the request, which a replay need not look for. */
  readonly texts?: GroupTexts;
  /** Additional steps of this kind of write, run under the group's lock. */
  readonly steps?: readonly Step<StartedWrite, WriteOutcome<Value>>[];
  /** Reads the facts needed for reconciling, before the write. They must be JSON-serializable. */
  facts(owned: OwnedGroup): Promise<Facts>;
  fields(facts: Facts): Fields<Name>;
  /** Returns the outcome once CAMS has executed the write. `Value` must be JSON-serializable. */
  confirm(sent: Sent<Result<Name>>, owned: OwnedGroup, facts: Facts): Promise<Value>;
  /** Determines the outcome from what CAMS shows now. Sends no write. */
  reconcile(sent: SentWrite<Facts, Result<Name>>): Promise<Reconciled<Value>>;
}

/** A write on its way through the steps, with their results so far. */
export interface StartedWrite extends Pick<GroupWrite<WriteName, never, never>, 'scope' | 'groupId'> {
  readonly precondition: Precondition | undefined;
  readonly recorder: WriteRecorder;
  readonly owned?: OwnedGroup;
  readonly lock?: Lock;
}

/**
 * Defines the order of steps for every write to CAMS. Each step runs inside the steps above it. Where it is not
 * obvious, a comment says what it does before and after the steps below it.
 */
@Injectable()
export class WritePipeline {
  constructor(
    private readonly idempotency: IdempotencyStep,
    private readonly ownership: OwnershipStep,
    private readonly groupLock: GroupLock,
    private readonly precondition: PreconditionStep,
    private readonly outgoing: sending.OutgoingWrites,
  ) {}

  /**
   * Runs a write to an existing group. Throws `NOT_FOUND`, `PRECONDITION_FAILED`, `OVERLOADED`, what the steps of its
   * kind throw, and what {@link send} throws.
   */
  async run<Name extends WriteName, Facts, Value extends Written>(
    write: GroupWrite<Name, Facts, Value>,
  ): Promise<WriteOutcome<Value>> {
    const { scope, groupId, identity, precondition } = write;
    const steps: Step<StartedWrite, WriteOutcome<Value>>[] = [
      // Before: the record is `started`. After: it is `done`.
      this.idempotency.of<StartedWrite, Facts, Result<Name>, Value>(
        { identity, reconcile: (sent) => reconcile(write, sent) },
        write.texts,
      ),
      this.ownership,
      // Before: the lock is acquired. After: it is released.
      this.groupLock,
      // Again: an earlier write may have deleted the group.
      this.ownership,
      this.precondition,
      ...(write.steps ?? []),
    ];
    const run = compose(steps, (started) => this.#sendAndConfirm(write, started));
    return run({ scope, groupId, precondition, recorder: UNRECORDED });
  }

  /** Sends a write once. Throws `OUTCOME_UNKNOWN` if it may have been executed; after any other error it was not. */
  async send<Name extends WriteName>(
    scope: TenantScope,
    name: Name,
    fields: Fields<Name>,
    guards: sending.WriteGuards = {},
  ): Promise<Sent<Result<Name>>> {
    const steps: Step<sending.OutgoingWrite<Result<Name>>, Sent<Result<Name>>>[] = [
      // Before: the permit to call CAMS is acquired. After: it is released unless it was used.
      sending.permit,
      // After: the outcome of the attempt is audited.
      sending.auditOutcome,
      // Before: the intent begins. After: it ends.
      sending.coherence,
      sending.auditAttempt,
      // Before: the record is `sent`. After: it is `applied`.
      sending.record,
      sending.freshIntent,
      sending.heldLock,
    ];
    return compose(steps, sending.call)(this.outgoing.prepare(scope, name, fields, guards));
  }

  async #sendAndConfirm<Name extends WriteName, Facts, Value extends Written>(
    write: GroupWrite<Name, Facts, Value>,
    { scope, owned, lock, recorder }: StartedWrite,
  ): Promise<WriteOutcome<Value>> {
    if (!owned) throw new Error('A write needs a proof of ownership.');
    const facts = await write.facts(owned);
    const sent = await this.send(scope, write.operation, write.fields(facts), { recorder, facts, lock });
    if (sending.changedNothing(sent.result)) throw nothingToChange(write.operation, sent.upstreamRequestId);
    return { value: await write.confirm(sent, owned, facts), replayed: false };
  }
}

async function reconcile<Name extends WriteName, Facts, Value extends Written>(
  write: GroupWrite<Name, Facts, Value>,
  sent: SentWrite<Facts, Result<Name>>,
): Promise<Reconciled<Value>> {
  if (sent.result && sending.changedNothing(sent.result)) return failed(nothingToChange(write.operation));
  return write.reconcile(sent);
}
