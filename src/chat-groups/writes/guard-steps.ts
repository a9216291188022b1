import { Injectable } from '@nestjs/common';
import { notFound } from '../../errors/gateway-error.js';
import { type Command, Idempotency, type WriteOutcome } from '../../idempotency/idempotency.js';
import type { WriteRecorder } from '../../idempotency/write-recorder.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { toChatGroup } from '../model/chat-group.js';
import type { Precondition } from '../model/etag.js';
import { GroupPages } from '../reads/group-pages.js';
import { type OwnedGroup, Ownership } from '../reads/ownership.js';
import type { Step, Written } from './write.js';

interface RecordedWrite {
  readonly scope: TenantScope;
  readonly recorder: WriteRecorder;
}

interface NamedGroup {
  readonly scope: TenantScope;
  readonly groupId: string;
}

/** A write with a key runs once, however often it is asked for. */
@Injectable()
export class IdempotencyStep {
  constructor(
    private readonly idempotency: Idempotency,
    private readonly pages: GroupPages,
  ) {}

  /** The step of one write. An outcome that is replayed promises to later reads what can be promised now. */
  of<W extends RecordedWrite, Facts, Result, Value extends Written>(
    command: Omit<Command<Facts, Result, Value>, 'execute'>,
  ): Step<W, WriteOutcome<Value>> {
    return {
      execute: async (write, next) => {
        const { scope } = write;
        const outcome = await this.idempotency.run<Facts, Result, Value>(scope, {
          ...command,
          execute: async (recorder) => (await next({ ...write, recorder })).value,
        });
        const { value, replayed } = outcome;
        if (!replayed || value.coherence === 'COHERENT') return outcome;
        return { value: { ...value, coherence: await this.pages.outdated(scope) }, replayed };
      },
    };
  }
}

/** Only a group that its scope lists is written to. */
@Injectable()
export class OwnershipStep {
  constructor(private readonly ownership: Ownership) {}

  async execute<W extends NamedGroup & { readonly owned?: OwnedGroup }, T>(
    write: W,
    next: (write: W) => Promise<T>,
  ): Promise<T> {
    return next({ ...write, owned: await this.ownership.prove(write.scope, write.groupId) });
  }
}

/** `If-Match` is judged under the group's lock, against an uncached read. */
@Injectable()
export class PreconditionStep {
  constructor(
    private readonly ownership: Ownership,
    private readonly pages: GroupPages,
  ) {}

  async execute<W extends NamedGroup & { readonly precondition: Precondition | undefined }, T>(
    write: W,
    next: (write: W) => Promise<T>,
  ): Promise<T> {
    if (write.precondition) await this.#require(write.precondition, write);
    return next(write);
  }

  async #require(precondition: Precondition, { scope, groupId }: NamedGroup): Promise<void> {
    const row = await this.ownership.findNow({ scope, groupId });
    try {
      if (!row) throw notFound();
      precondition.judge(toChatGroup(scope, row));
    } catch (error) {
      // A caller who reads again to decide must not get the page that misled it.
      await this.pages.outdated(scope);
      throw error;
    }
  }
}
