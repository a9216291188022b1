import { Injectable } from '@nestjs/common';
import { GatewayError } from '../../errors/gateway-error.js';
import type { WriteOutcome } from '../../idempotency/idempotency.js';
import { TenantDeleteLimit } from '../../rate-limit/tenant-delete-limit.js';
import type { RateLimitUsage } from '../../request/rate-limit-headers.js';
import type { GroupChanges } from '../model/group-changes.js';
import { CreateGuard } from './create-guard.js';
import { PictureCheck } from './picture-check.js';
import { SubjectLocks } from './subject-locks.js';
import type { Step, Written } from './write.js';
import type { StartedWrite } from './write-pipeline.js';

type WriteStep = <Value extends Written>(
  write: StartedWrite,
  next: (write: StartedWrite) => Promise<WriteOutcome<Value>>,
) => Promise<WriteOutcome<Value>>;

/** The steps that only updates or deletes have. */
@Injectable()
export class GroupWriteSteps {
  constructor(
    private readonly subjectLocks: SubjectLocks,
    private readonly createGuard: CreateGuard,
    private readonly pictures: PictureCheck,
    private readonly deleteLimit: TenantDeleteLimit,
  ) {}

  ofUpdate<Value extends Written>(changes: GroupChanges): Step<StartedWrite, WriteOutcome<Value>>[] {
    const { subject, profilePictureUrl } = changes;
    const steps = [
      // May take seconds, so no lock on a subject is held meanwhile.
      ...(profilePictureUrl === undefined ? [] : [this.#picture(changes)]),
      ...(subject === undefined ? [] : [this.#notSought, this.#subjectLock(subject)]),
    ];
    return steps.map((execute) => ({ execute }));
  }

  ofDelete<Value extends Written>(): Step<StartedWrite, WriteOutcome<Value>>[] {
    return [{ execute: this.#countDelete }, { execute: this.#notSought }];
  }

  #picture(changes: GroupChanges): WriteStep {
    return async (write, next) => {
      await this.pictures.requirePicture(changes, write.scope.request.remainingMs);
      return next(write);
    };
  }

  /** A new group is identified by its subject alone, so no update may set the same subject meanwhile. */
  #subjectLock(subject: string): WriteStep {
    return async (write, next) => {
      const release = await this.subjectLocks.acquireForUpdate(write.scope, subject);
      try {
        return await next(write);
      } finally {
        await release();
      }
    };
  }

  /** No create operation may miss its group because of the write, nor claim the group if WhatsApp undoes the write. */
  readonly #notSought: WriteStep = async (write, next) => {
    const { scope, groupId } = write;
    await this.createGuard.requireNotSought(scope, groupId);
    await this.subjectLocks.noteExisting(scope, groupId);
    return next(write);
  };

  readonly #countDelete: WriteStep = async (write, next) => {
    const { tenant, request } = write.scope;
    const tell = (usage: RateLimitUsage): void => request.noteRateLimit(usage);
    const counted = await this.deleteLimit.consume(tenant, tell);
    try {
      return await next(write);
    } catch (error) {
      // Only a request that may have deleted the group counts.
      const nothing = error instanceof GatewayError && error.code !== 'OUTCOME_UNKNOWN';
      if (nothing) await this.deleteLimit.giveBack(tenant, counted, tell);
      throw error;
    }
  };
}
