import { Inject, Injectable } from '@nestjs/common';
import { digestOf } from '../util/digest.js';
import { GatewayError } from '../errors/gateway-error.js';
import { restoredError, storedError } from '../errors/stored-error.js';
import { Config, longestWriteMs } from '../config/config.js';
import { Locks } from '../state/locks.js';
import { shareOf } from '../state/state-share.js';
import { STATE_STORE, type StateEntry, type StateStore, StateUnavailable } from '../state/state-store.js';
import { Metrics } from '../telemetry/metrics.js';
import type { TenantScope } from '../tenancy/tenant-scope.js';
import {
  type WriteRecorder,
  OWNER_MARGIN_MS,
  KeyedWriteRecorder,
  UNRECORDED,
  newVersion,
} from './write-recorder.js';
import {
  beforeSending,
  inFlight,
  keyReused,
  notReconciled,
  retryableWithKey,
  stateUnavailable,
} from './idempotency-errors.js';
import { RecordPlaces } from './record-places.js';
import { type IdempotencyRecord, type Outcome, identityOf } from './record.js';
import { DAY_MS } from '../util/durations.js';
import { parseJsonOrThrow } from '../util/parse-json.js';

/** What was recorded about a write that was sent, for reconciling it. */
export interface SentWrite<Facts, Result> {
  readonly facts: Facts;
  /** The CAMS response, if it was recorded. */
  readonly result: Result | undefined;
  /** Whether CAMS may still execute it. */
  readonly mayStillApply: boolean;
}

/** The result of reconciling a write that was sent with CAMS. */
export type Reconciled<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  | { readonly kind: 'failed'; readonly error: GatewayError }
  | { readonly kind: 'unknown'; readonly error: GatewayError };

/** A write that can be requested twice. `Facts`, `Result` and `Value` must be serialisable as JSON. */
export interface Command<Facts, Result, Value> {
  /** Operation, target, canonical input and precondition: a retry must match the first request in all of them. */
  readonly identity: readonly unknown[];
  execute(recorder: WriteRecorder): Promise<Value>;
  /** Returns what of an outcome is stored, to keep records small. Its replays return that. */
  stored?(value: Value): Value;
  /** Reads the current state in CAMS. Sends no write. */
  reconcile(sent: SentWrite<Facts, Result>): Promise<Reconciled<Value>>;
}

/** The outcome of a write. */
export interface WriteOutcome<Value> {
  readonly value: Value;
  /** Whether an earlier request with the same key produced it. */
  readonly replayed: boolean;
}

/** An existing record, as it was read. */
interface Found {
  readonly key: string;
  readonly entry: StateEntry;
  readonly record: IdempotencyRecord;
}

/** Maximum reads of a record that other requests change meanwhile. */
const MAX_READS = 3;

/**
 * Sends a write with an idempotency key once, no matter how often it is requested. A retry replays the outcome. If the
 * outcome is unknown, the write is reconciled with CAMS, never sent again.
 */
@Injectable()
export class Idempotency {
  readonly #lateMs: number;

  constructor(
    @Inject(STATE_STORE) private readonly store: StateStore,
    private readonly locks: Locks,
    private readonly metrics: Metrics,
    private readonly config: Config,
  ) {
    this.#lateMs = longestWriteMs(config.cams);
  }

  /**
   * Runs a command once per idempotency key, or each time without a key. Throws `IDEMPOTENCY_KEY_REUSED`,
   * `IDEMPOTENCY_IN_FLIGHT` and `STATE_UNAVAILABLE`; in these cases nothing was sent. Also throws errors of the command; those of
   * an earlier request are marked as `replayed`.
   */
  async run<Facts, Result, Value>(
    scope: TenantScope,
    command: Command<Facts, Result, Value>,
  ): Promise<WriteOutcome<Value>> {
    const { request } = scope;
    if (request.idempotencyKey === undefined) return executed(await command.execute(UNRECORDED));
    const places = new RecordPlaces(this.store, scope, request.idempotencyKey);
    const fingerprint = digestOf([scope.key, JSON.stringify(command.identity)]);
    const started: IdempotencyRecord = {
      fingerprint,
      space: places.space,
      owner: newVersion(),
      state: 'started',
      ownedMs: Math.max(this.#lateMs, request.remainingMs + OWNER_MARGIN_MS),
    };
    for (let reads = 0; reads < MAX_READS; reads += 1) {
      const { key, entry, record } = await beforeSending(places.find());
      if (record && record.fingerprint !== fingerprint) throw this.#counted('reused', keyReused());
      if (entry && record?.outcome) {
        this.#count('replayed');
        return replay<Value>(record.outcome);
      }
      const leftMs = entry && record ? record.ownedMs - entry.ageMs : 0;
      if (leftMs > 0) throw this.#counted('in_flight', inFlight(leftMs));
      if (entry && record && record.state !== 'started')
        return this.#reconcileAlone(scope, { key, entry, record }, command);
      const version = newVersion();
      const share = shareOf(scope.tenant);
      const own = {
        expected: entry?.version,
        version,
        value: JSON.stringify(started),
        lifeMs: DAY_MS,
        share,
      };
      if (!(await beforeSending(this.store.write(key, own)))) continue;
      const place = { key, share, lifeMs: DAY_MS };
      const recorder = new KeyedWriteRecorder(this.store, place, version, started, request);
      if (await beforeSending(places.isOnlyOne(key))) return this.#execute(recorder, command);
      await recorder.abandon();
    }
    throw this.#counted('in_flight', inFlight());
  }

  async #execute<Facts, Result, Value>(
    recorder: KeyedWriteRecorder,
    command: Command<Facts, Result, Value>,
  ): Promise<WriteOutcome<Value>> {
    this.#count('executed');
    let value: Value;
    try {
      value = await command.execute(recorder);
    } catch (error) {
      await recorder.failed(error);
      // Before it is sent, a write with a key needs the store for more than its record.
      const isOut = error instanceof StateUnavailable && !recorder.wasSent;
      throw isOut ? stateUnavailable(error) : retryableWithKey(error);
    }
    await recorder.succeeded(storedValue(command, value));
    return executed(value);
  }

  async #reconcileAlone<Facts, Result, Value>(
    scope: TenantScope,
    found: Found,
    command: Command<Facts, Result, Value>,
  ): Promise<WriteOutcome<Value>> {
    // The lock outlives the request, so only one request reconciles at a time.
    const lifeMs = this.config.http.requestBudgetMs;
    const taken = await beforeSending(
      this.locks.tryAcquire(`${found.key}:r`, { owner: scope.request.requestId, lifeMs }),
    );
    if (!('lock' in taken)) throw this.#counted('in_flight', inFlight());
    try {
      return await this.#reconcile(found, command);
    } finally {
      await taken.lock.release();
    }
  }

  async #reconcile<Facts, Result, Value>(
    found: Found,
    command: Command<Facts, Result, Value>,
  ): Promise<WriteOutcome<Value>> {
    const { entry, record } = found;
    const sentAgoMs = (record.sentBeforeMs ?? 0) + entry.ageMs;
    const sent = {
      facts: record.facts as Facts,
      result: record.result as Result | undefined,
      mayStillApply: sentAgoMs < this.#lateMs,
    };
    const reconciled = await command.reconcile(sent).catch((cause: unknown) => {
      throw notReconciled(cause);
    });
    const outcome = outcomeOf(command, reconciled);
    this.#count(outcome ? 'reconciled' : 'unknown');
    const next: IdempotencyRecord = outcome
      ? { ...identityOf(record), state: 'done', ownedMs: 0, outcome }
      : { ...record, state: 'unknown', ownedMs: 0, sentBeforeMs: sentAgoMs };
    const known = await this.#keep(found, next);
    if (known.outcome) return replay<Value>(known.outcome);
    throw reconciled.kind === 'unknown' ? retryableWithKey(reconciled.error, sentAgoMs) : inFlight();
  }

  /** Stores what was found out. Returns it, or the record that its owner has written meanwhile. */
  async #keep({ key, entry }: Found, next: IdempotencyRecord): Promise<Pick<IdempotencyRecord, 'outcome'>> {
    try {
      const version = newVersion();
      const write = { expected: entry.version, version, value: JSON.stringify(next), lifeMs: DAY_MS };
      if (await this.store.write(key, write)) return next;
      const theirs = await this.store.read(key);
      // The owner knows the outcome but may not have recorded it yet.
      return theirs ? (parseJsonOrThrow(theirs.value) as IdempotencyRecord) : {};
    } catch (error) {
      // Return the result even if it cannot be stored: the next retry will find the same.
      if (error instanceof StateUnavailable) return next;
      throw error;
    }
  }

  #count(outcome: string): void {
    this.metrics.idempotentWrites.inc({ outcome });
  }

  #counted(outcome: string, error: GatewayError): GatewayError {
    this.#count(outcome);
    return error;
  }
}

function storedValue<Value>(command: Pick<Command<never, never, Value>, 'stored'>, value: Value): Value {
  return command.stored ? command.stored(value) : value;
}

function outcomeOf<Value>(
  command: Pick<Command<never, never, Value>, 'stored'>,
  reconciled: Reconciled<Value>,
): Outcome | undefined {
  switch (reconciled.kind) {
    case 'done':
      return { kind: 'done', value: storedValue(command, reconciled.value) };
    case 'failed':
      return { kind: 'failed', error: storedError(reconciled.error) };
    case 'unknown':
      return undefined;
  }
}

function executed<Value>(value: Value): WriteOutcome<Value> {
  return { value, replayed: false };
}

function replay<Value>(outcome: Outcome): WriteOutcome<Value> {
  if (outcome.kind === 'done') return { value: outcome.value as Value, replayed: true };
  const { code, detail, options } = restoredError(outcome.error);
  throw new GatewayError(code, detail, { ...options, replayed: true });
}
