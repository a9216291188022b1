import { Injectable } from '@nestjs/common';
import { PageCache } from '../../cache/page-cache.js';
import type { WriteIntent } from '../../cache/write-intent.js';
import type { Fields, Result } from '../../cams/api.js';
import { CamsClient, type PreparedCall } from '../../cams/cams-client.js';
import { Config } from '../../config/config.js';
import { UNRECORDED, type WriteRecorder } from '../../idempotency/write-recorder.js';
import type { Lock } from '../../state/locks.js';
import { AuditLog } from '../../telemetry/audit-log.js';
import type { TenantScope } from '../../tenancy/tenant-scope.js';
import { type AuditedWrite, WriteAudit, type WriteName } from './write-audit.js';
import { tookTooLong } from './write-errors.js';
import type { Sent } from './write.js';

/** What stands behind a write while it is sent. */
export interface WriteGuards {
  /** Notes that it is sent, with what reconciling needs, and that CAMS has answered. */
  readonly recorder?: WriteRecorder;
  readonly facts?: unknown;
  /** The lock under which it must be sent. */
  readonly lock?: Lock | undefined;
}

/** A write that is ready to be sent, and what has to know of it. */
export interface OutgoingWrite<R extends Result<WriteName>> {
  readonly call: PreparedCall<R>;
  readonly audited: AuditedWrite;
  readonly intent: WriteIntent;
  readonly recorder: WriteRecorder;
  readonly facts: unknown;
  readonly lock: Lock | undefined;
}

/** Prepares writes; nobody is told of them yet. */
@Injectable()
export class OutgoingWrites {
  readonly #audit: WriteAudit;

  constructor(
    private readonly cams: CamsClient,
    private readonly cache: PageCache,
    log: AuditLog,
    config: Config,
  ) {
    this.#audit = new WriteAudit(log, config.tenancy.pepper);
  }

  prepare<Name extends WriteName>(
    scope: TenantScope,
    name: Name,
    fields: Fields<Name>,
    { recorder = UNRECORDED, facts, lock }: WriteGuards,
  ): OutgoingWrite<Result<Name>> {
    return {
      call: this.cams.prepare(scope, name, fields),
      audited: this.#audit.begin(scope, name, fields),
      intent: this.cache.openWrite(scope),
      recorder,
      facts,
      lock,
    };
  }
}

/** A step of sending, whatever is sent. */
interface SendingStep {
  execute<R extends Result<WriteName>>(
    write: OutgoingWrite<R>,
    next: (write: OutgoingWrite<R>) => Promise<Sent<R>>,
  ): Promise<Sent<R>>;
}

/** First of all: a queue must not eat the life of the cache's intent. */
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

/** What became of a write that was attempted, with what it promises to later reads. */
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

/** Afterwards the cache no longer shows what was there before. */
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

/** The line without which nothing may be sent. */
export const auditAttempt = before(({ audited }) => audited.attempt());

/** The record of the idempotency key says that the write is sent, and then what CAMS has answered. */
export const record: SendingStep = {
  execute: async (write, next) => {
    await write.recorder.sending(write.facts);
    const sent = await next(write);
    await write.recorder.applied(sent.result);
    return sent;
  },
};

/** Steps that took longer have eaten of the life of the cache's intent: it begins anew. */
const LONGEST_NOTES_MS = 200;
export const freshIntent = before(async ({ intent }) => {
  if (intent.ageMs > LONGEST_NOTES_MS) await intent.begin();
});

/** This process may have been stopped for longer than its lock lasts. */
export const heldLock = before(async ({ lock }) => {
  if (lock && !lock.held) throw tookTooLong();
});

/** The one upstream call. */
export async function call<R extends Result<WriteName>>(write: OutgoingWrite<R>): Promise<Sent<R>> {
  const { result, requestId } = await write.call.send();
  return { result, upstreamRequestId: requestId, coherence: 'BOUNDED' };
}

/** CAMS calls a write that found nothing a success. */
export function changedNothing(result: object): boolean {
  return 'affected' in result && result.affected === 0;
}

/** A step with nothing to do after the rest. */
function before(act: (write: OutgoingWrite<Result<WriteName>>) => Promise<void>): SendingStep {
  return {
    execute: async (write, next) => {
      await act(write);
      return next(write);
    },
  };
}
