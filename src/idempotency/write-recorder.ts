import { Logger } from '@nestjs/common';
import { isReplayed } from '../errors/catalogue.js';
import { GatewayError } from '../errors/gateway-error.js';
import type { RequestContext } from '../request/request-context.js';
import { storedError } from '../errors/stored-error.js';
import type { StateShare } from '../state/state-share.js';
import { StateUnavailable, type StateStore } from '../state/state-store.js';
import { inFlight, stateUnavailable } from './idempotency-errors.js';
import { type IdempotencyRecord, type Outcome, identityOf } from './record.js';
import { randomToken } from '../util/random-token.js';
import { parseJsonOrThrow } from '../util/parse-json.js';

/** Records the progress of the single attempt to send a write. */
export interface WriteRecorder {
  /** Await it right before the call; do not send the write if it throws. `facts` are needed to reconcile the write. */
  sending(facts: unknown): Promise<void>;
  /** Records that CAMS responded with `result`. */
  applied(result: unknown): Promise<void>;
}

/** The recorder of a write without a key. */
export const UNRECORDED: WriteRecorder = {
  sending: async () => undefined,
  applied: async () => undefined,
};

/** Time added to the request's budget, so that no other request considers the record abandoned too early. */
export const OWNER_MARGIN_MS = 1_000;

/** Where a record is kept, and what it counts against. */
export interface RecordPlace {
  readonly key: string;
  readonly share: StateShare;
  readonly lifeMs: number;
}

/** Records an attempt that this process owns. A store error stops a write only before it is sent. */
export class KeyedWriteRecorder implements WriteRecorder {
  readonly #logger = new Logger('Idempotency');
  #sentAtMs: number | undefined;
  /** The version of a store write that was not confirmed and may have happened. */
  #unconfirmed: string | undefined;
  #applied = false;

  constructor(
    private readonly store: StateStore,
    private readonly place: RecordPlace,
    /** The version under which the record is owned. */
    private version: string,
    private record: IdempotencyRecord,
    private readonly request: RequestContext,
  ) {}

  async sending(facts: unknown): Promise<void> {
    const next = { ...this.record, state: 'sent' as const, facts, ...this.#owned() };
    let written: boolean;
    try {
      written = await this.#write(next);
    } catch (error) {
      if (error instanceof StateUnavailable) throw stateUnavailable(error);
      throw error;
    }
    // Another request considered the record abandoned, and is sending or has sent the write.
    if (!written) throw inFlight();
    this.#sentAtMs = performance.now();
  }

  /** Whether the write may have been sent. */
  get wasSent(): boolean {
    return this.#sentAtMs !== undefined;
  }

  async applied(result: unknown): Promise<void> {
    this.#applied = true;
    await this.#try(() => this.#write({ ...this.record, state: 'applied', result, ...this.#owned() }));
  }

  /** Removes the record of an attempt that is not made. */
  async abandon(): Promise<void> {
    await this.#forget();
  }

  /** Records success. It overrides what other requests have found out meanwhile. */
  async succeeded(value: unknown): Promise<void> {
    await this.#settle({ kind: 'done', value });
  }

  /** Records an error that a retry must replay. If certainly nothing was sent, removes the record. */
  async failed(thrown: unknown): Promise<void> {
    const error = thrown instanceof GatewayError ? thrown : undefined;
    if (!this.wasSent) return this.#forget();
    if (!error || error.code === 'OUTCOME_UNKNOWN' || error.code === 'INTERNAL') return this.#unknown();
    if (isReplayed(error.code) || this.#applied)
      return this.#settle({ kind: 'failed', error: storedError(error) });
    return this.#forget();
  }

  async #settle(outcome: Outcome): Promise<void> {
    const done: IdempotencyRecord = { ...identityOf(this.record), state: 'done', ownedMs: 0, outcome };
    await this.#try(async () => {
      if (await this.#write(done)) return;
      const theirs = await this.#theirs();
      if (!theirs) return;
      this.version = theirs.version;
      await this.#write(done);
    });
  }

  async #unknown(): Promise<void> {
    const sentBeforeMs = performance.now() - (this.#sentAtMs ?? performance.now());
    await this.#try(() => this.#write({ ...this.record, state: 'unknown', ownedMs: 0, sentBeforeMs }));
  }

  async #forget(): Promise<void> {
    const { key, share } = this.place;
    await this.#try(async () => {
      if (await this.store.remove(key, this.version, share)) return;
      if (this.#unconfirmed && (await this.store.remove(key, this.#unconfirmed, share))) return;
      // Another request tried to reconcile it meanwhile, not knowing that nothing was sent.
      const theirs = await this.#theirs();
      if (theirs?.record.state === 'unknown') await this.store.remove(key, theirs.version, share);
    });
  }

  /** Returns the record as changed by other requests; `undefined` if it is gone or belongs to another attempt. */
  async #theirs(): Promise<{ version: string; record: IdempotencyRecord } | undefined> {
    const entry = await this.store.read(this.place.key);
    if (!entry) return undefined;
    const record = parseJsonOrThrow(entry.value) as IdempotencyRecord;
    return record.owner === this.record.owner ? { version: entry.version, record } : undefined;
  }

  #owned(): { ownedMs: number; sentBeforeMs: number } {
    const sentBeforeMs = this.#sentAtMs === undefined ? 0 : performance.now() - this.#sentAtMs;
    return { ownedMs: this.request.remainingMs + OWNER_MARGIN_MS, sentBeforeMs };
  }

  async #write(next: IdempotencyRecord): Promise<boolean> {
    const version = newVersion();
    const { key, lifeMs } = this.place;
    const write = { expected: this.version, version, value: JSON.stringify(next), lifeMs };
    this.#unconfirmed = version;
    const written = await this.store.write(key, write);
    this.#unconfirmed = undefined;
    if (!written) return false;
    this.version = version;
    this.record = next;
    return true;
  }

  /** Ignores an unavailable store: once the write has been sent, this affects only what a retry will find. */
  async #try(step: () => Promise<unknown>): Promise<void> {
    try {
      await step();
    } catch (error) {
      if (!(error instanceof StateUnavailable)) throw error;
      this.#logger.warn({
        msg: 'could not update an idempotency record',
        reason: error.message,
      });
    }
  }
}

export function newVersion(): string {
  return randomToken();
}
