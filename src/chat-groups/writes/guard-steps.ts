import { Injectable } from '@nestjs/common';
import type { CamsGroupRow } from '../../cams/api.js';
import { notFound } from '../../errors/gateway-error.js';
import { type Command, Idempotency, type WriteOutcome } from '../../idempotency/idempotency.js';
import type { WriteRecorder } from '../../idempotency/write-recorder.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { toChatGroup } from '../model/chat-group.js';
import type { Precondition } from '../model/etag.js';
import { type GroupTexts, LongTexts, withoutLongTexts } from './long-texts.js';
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

/** Executes a write with an idempotency key once, however often it is requested. */
@Injectable()
export class IdempotencyStep {
  constructor(
    private readonly idempotency: Idempotency,
    private readonly pages: GroupPages,
    private readonly texts: LongTexts,
  ) {}

  /**
   * Returns the step of one write. A replayed outcome gets the coherence that can be guaranteed now, and the long texts of
   * its group, if possible from the texts of the request.
   */
  of<W extends RecordedWrite, Facts, Result, Value extends Written>(
    command: Omit<Command<Facts, Result, Value>, 'execute' | 'stored'>,
    textsOfRequest: GroupTexts = {},
  ): Step<W, WriteOutcome<Value>> {
    return {
      execute: async (write, next) => {
        const { scope } = write;
        const outcome = await this.idempotency.run<Facts, Result, Value>(scope, {
          ...command,
          stored: withoutTexts,
          execute: async (recorder) => (await next({ ...write, recorder })).value,
        });
        if (!outcome.replayed) return outcome;
        const value = await this.withTexts(scope, outcome.value, textsOfRequest);
        if (value.coherence === 'COHERENT') return { value, replayed: true };
        return { value: { ...value, coherence: await this.pages.outdated(scope) }, replayed: true };
      },
    };
  }

  /** Returns an outcome that was read from a record with the long texts of its group. */
  async withTexts<Value extends Written & WithGroup>(
    scope: TenantScope,
    value: Value,
    textsOfRequest: GroupTexts,
  ): Promise<Value> {
    const { row, operation } = value;
    const restored = (stored: CamsGroupRow): Promise<CamsGroupRow> =>
      this.texts.restored(scope, stored, textsOfRequest);
    if (row) return { ...value, row: await restored(row) };
    if (!operation?.row) return value;
    return { ...value, operation: { ...operation, row: await restored(operation.row) } };
  }
}

/** An outcome with a group, or with the operation that creates one. */
interface WithGroup {
  readonly row?: CamsGroupRow;
  readonly operation?: { readonly row?: CamsGroupRow };
}

function withoutTexts<Value extends Written & WithGroup>(value: Value): Value {
  const { row, operation } = value;
  return {
    ...value,
    ...(row && { row: withoutLongTexts(row) }),
    // Replays of a pending operation read it from its own record.
    ...(operation && { operation: { ...operation, existing: [], ...storedRow(operation) } }),
  };
}

function storedRow({ row }: WithGroup): WithGroup {
  return row ? { row: withoutLongTexts(row) } : {};
}

/** Allows writes only to groups that the scope lists. */
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

/** Checks `If-Match` under the group's lock, against an uncached read. */
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
      // A caller that reads the group again must not get the stale page.
      await this.pages.outdated(scope);
      throw error;
    }
  }
}
