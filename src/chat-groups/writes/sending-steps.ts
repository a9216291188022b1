import { Injectable } from '@nestjs/common';
import { PageCache } from '../../cache/page-cache.js';
import type { WriteIntent } from '../../cache/write-intent.js';
import type { Fields, Result } from '../../cams/api.js';
import { CamsClient, type PreparedCall } from '../../cams/cams-client.js';
import { UNRECORDED, type WriteRecorder } from '../../idempotency/write-recorder.js';
import type { Lock } from '../../state/locks.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { type AuditedWrite, type OutcomeHolder, WriteAudit, type WriteName } from './write-audit.js';
import { tookTooLong } from './write-errors.js';
import type { Sent } from './write.js';

/** Records and locks of a write while it is sent. */
export interface WriteGuards {
  /** Records that the write is sent, with the facts needed to reconcile it, and the response of CAMS. */
  readonly recorder?: WriteRecorder;
  readonly facts?: unknown;
  /** The lock that must be held while the write is sent. */
  readonly lock?: Lock | undefined;
  /** Holds the audited outcome back. */
  readonly holder?: OutcomeHolder;
}

/** A write that is ready to be sent, with its audit entry, cache intent, recorder and lock. */
export interface OutgoingWrite<R extends Result<WriteName>> {
  readonly call: PreparedCall<R>;
  readonly audited: AuditedWrite;
  readonly intent: WriteIntent;
  readonly recorder: WriteRecorder;
  readonly facts: unknown;
  readonly lock: Lock | undefined;
}

/** Prepares writes, without any effect yet. */
@Injectable()
export class OutgoingWrites {
  constructor(
    private readonly cams: CamsClient,
    private readonly cache: PageCache,
    private readonly audit: WriteAudit,
  ) {}

  prepare<Name extends WriteName>(
    scope: TenantScope,
    name: Name,
    fields: Fields<Name>,
    { recorder = UNRECORDED, facts, lock, holder }: WriteGuards,
  ): OutgoingWrite<Result<Name>> {
    return {
      call: this.cams.prepare(scope, name, fields),
      audited: this.audit.begin(scope, name, fields, holder),
      intent: this.cache.openWrite(scope),
      recorder,
      facts,
      lock,
    };
  }
}

/** A step of sending a write of any kind. */
interface SendingStep {
  execute<R extends Result<WriteName>>(
    write: OutgoingWrite<R>,
    next: (write: OutgoingWrite<R>) => Promise<Sent<R>>,
  ): Promise<Sent<R>>;
}

/** Comes first, so that time in the queue does not count against the lifetime of the cache's intent. */
export const permit: SendingStep = {
  execute: async (write, next) => {
    try {
      await write.call.acquirePermit();
      return await next(write);
    } finally {
      write.call.releasePermit();
    }
  },
};

/** Audits the outcome of an attempted write, with its coherence. The outcome of a create request is held back. */
export const auditOutcome: SendingStep = {
  execute: async (write, next) => {
    let sent;
    try {
      sent = await next(write);
    } catch (error) {
      await write.audited.failed(error);
      throw error;
    }
    await write.audited.answered(sent);
    return sent;
  },
};

/** Ensures that the cache no longer shows the state before the write. */
export const coherence: SendingStep = {
  execute: async (write, next) => {
    let sent;
    try {
      await write.intent.begin();
      sent = await next(write);
    } catch (error) {
      await write.intent.fail(error);
      throw error;
    }
    return { ...sent, coherence: await write.intent.end() };
  },
};

/** Audits the attempt. Nothing may be sent without this entry. */
export const auditAttempt = before(({ audited }) => audited.attempt());

/** Stores in the idempotency record that the write is sent, and then the response of CAMS. */
export const record: SendingStep = {
  execute: async (write, next) => {
    await write.recorder.sending(write.facts);
    const sent = await next(write);
    await write.recorder.applied(sent.result);
    return sent;
  },
};

/** If the steps since the intent began took longer, too much of its lifetime has passed and it begins again. */
const LONGEST_NOTES_MS = 200;
export const freshIntent = before(async ({ intent }) => {
  if (intent.ageMs > LONGEST_NOTES_MS) await intent.begin();
});

/** Throws if the lock has expired: this process may have been paused for longer than the lock lasts. */
export const heldLock = before(async ({ lock }) => {
  if (lock && !lock.held) throw tookTooLong();
});

/** Makes the upstream call. */
export async function call<R extends Result<WriteName>>(write: OutgoingWrite<R>): Promise<Sent<R>> {
  const { result, requestId } = await write.call.send();
  return { result, upstreamRequestId: requestId, coherence: 'BOUNDED' };
}

/** Returns whether the write changed nothing, which CAMS reports as a success. */
export function changedNothing(result: object): boolean {
  return 'affected' in result && result.affected === 0;
}

/** Returns a step that acts only before the steps below it. */
function before(act: (write: OutgoingWrite<Result<WriteName>>) => Promise<void>): SendingStep {
  return {
    execute: async (write, next) => {
      await act(write);
      return next(write);
    },
  };
}
