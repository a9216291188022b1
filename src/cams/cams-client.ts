import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { GatewayError, clientLeft } from '../errors/gateway-error.js';
import { type CamsSettings, Config } from '../config/config.js';
import { LoadShedding } from '../telemetry/load-shedding.js';
import { Metrics } from '../telemetry/metrics.js';
import type { TenantScope } from '../tenancy/tenant-scope.js';
import type { OnTenantsRemoved, RemovedTenants } from '../util/removed-tenants.js';
import type { CamsBody } from './answer-shapes.js';
import { type CallObserver, CallOutcomes } from './call-outcomes.js';
import { beginCall, continueTrace, endCall } from './call-span.js';
import { CallTelemetry } from './call-telemetry.js';
import { toGatewayError } from './cams-errors.js';
import type { AttemptResult, Call, CallOutcome, CamsAnswer } from './call.js';
import type { Judge } from './account-circuit.js';
import { CallBreaker } from './call-breaker.js';
import { type AccountClient, AccountClients } from './credentials.js';
import { sendSigned } from './send-signed.js';
import { ACCOUNT_PACE, type AccountPace } from './pace/account-pace.js';
import type { Release } from './pace/account-queue.js';
import { FairShare } from './pace/fair-share.js';
import { ScanPace } from './pace/scan-pace.js';
import {
  CAMS_OPERATIONS,
  type CamsOperation,
  type CamsOperationName,
  type Fields,
  type Result,
} from './api.js';
import { requestQuery } from './request-query.js';
import { RetryBudget } from './retry-budget.js';
import { overloaded, unsent, unsentReason } from './unsent.js';
import { showsFault } from './upstream-fault.js';

/** The vendor's client for the account, and the permit to use it now. */
interface Permit {
  readonly client: AccountClient;
  readonly release: Release;
}

/** A call that has not been sent. */
export interface PreparedCall<T> {
  /** Waits for a permit to call upstream. Throws `OVERLOADED` or `UPSTREAM_THROTTLED`. */
  acquirePermit(): Promise<void>;
  /** Sends the call once, with the permit. Throws like {@link CamsClient.call}. */
  send(): Promise<CamsAnswer<T>>;
  /** Releases the permit if the call was not sent. */
  releasePermit(): void;
}

/** Minimum time left to start a call. With less it would only fail, and leave the outcome of a write unknown. */
const MIN_CALL_MS = 250;
const TIMED_OUT = { kind: 'timeout', sent: true } as const;
const SCAN_RETRY_SECONDS = 5;
/** Longest pause before a read is sent again. The actual one is random, so that retries do not arrive together. */
const RETRY_PAUSE_MS = 200;

/**
 * The CAMS client. A call can only reach the space and number of its scope, has a deadline, and ends with a validated
 * result or a `GatewayError` of the catalogue. Writes are sent at most once.
 */
@Injectable()
export class CamsClient implements OnTenantsRemoved {
  // All private: the settings and the vendor's clients hold secrets.
  readonly #settings: CamsSettings;
  readonly #metrics: Metrics;
  readonly #minCallMs: number;
  readonly #outcomes: CallOutcomes;
  readonly #clients: AccountClients;
  readonly #fairShare: FairShare;
  readonly #scanPace = new ScanPace();
  readonly #breaker: CallBreaker<AttemptResult<unknown>>;
  readonly #retries = new RetryBudget();

  constructor(
    config: Config,
    metrics: Metrics,
    private readonly shedding: LoadShedding,
    @Inject(ACCOUNT_PACE) pace: AccountPace,
  ) {
    this.#settings = config.cams;
    this.#metrics = metrics;
    this.#minCallMs = Math.min(MIN_CALL_MS, config.cams.timeoutMs / 2);
    this.#outcomes = new CallOutcomes(new CallTelemetry(metrics), pace);
    this.#clients = new AccountClients(config.cams);
    const judge: Judge<AttemptResult<unknown>> = {
      isFailure: ({ isFault }) => isFault,
      isAbandoned: ({ isAbandoned }) => isAbandoned,
    };
    this.#breaker = new CallBreaker(config.cams.qps, judge, {
      account: (account, isBroken) => metrics.camsBroken.set({ account }, Number(isBroken)),
      tenants: (account, broken) => metrics.camsBrokenTenants.set({ account }, broken),
    });
    this.#fairShare = new FairShare({
      maxConcurrency: config.cams.maxConcurrency,
      perSecond: config.cams.qps,
      pace,
      onChange: () => {
        metrics.camsUnderWay.set(this.#fairShare.underWay);
        metrics.camsWaiting.set(this.#fairShare.waiting);
      },
      onRate: (account, perSecond) => metrics.camsRate.set({ account }, perSecond),
    });
  }

  onTenantsRemoved(removed: RemovedTenants): void {
    for (const part of [this.#breaker, this.#fairShare, this.#scanPace, this.#retries]) part.forget(removed);
  }

  /**
   * Calls one operation within `CAMS_TIMEOUT_MS` and the remaining budget of the request. Waiting for a permit does not
   * count towards `CAMS_TIMEOUT_MS`. Throws `VALIDATION_FAILED`, `PAYLOAD_TOO_LARGE`, `OVERLOADED` and the `UPSTREAM_…`
   * errors: for a write, each of these means that it was not executed. Throws `OUTCOME_UNKNOWN` if that is not certain.
   */
  async call<Name extends CamsOperationName>(
    scope: TenantScope,
    name: Name,
    fields: Fields<Name>,
  ): Promise<CamsAnswer<Result<Name>>> {
    const call = this.#call(scope, name, fields);
    return answerOf((await this.#attemptTwice(call)).outcome, call);
  }

  /** Waits until the next call of a scan may be sent: see {@link ScanPace}. Throws `OVERLOADED`. */
  async scanTurn({ account, tenant, request }: TenantScope): Promise<void> {
    if (request.interest.isLost) throw clientLeft();
    const claim = { account: account.id, tenant: tenant.id, weight: tenant.limits.upstreamWeight };
    const maxWaitMs = request.remainingMs - this.#minCallMs;
    if (await this.#scanPace.turn(tenant.id, this.#fairShare.shareOf(claim), maxWaitMs)) return;
    throw overloaded('Too many lists of all groups are in progress.', SCAN_RETRY_SECONDS);
  }

  /** Like {@link call}, but returns how the call ended. Throws if it could not be sent. */
  async diagnose<Name extends CamsOperationName>(
    scope: TenantScope,
    name: Name,
    fields: Fields<Name>,
  ): Promise<CallOutcome<Result<Name>>> {
    return this.#attemptTwice(this.#call(scope, name, fields));
  }

  /** Sets the only observer of calls. */
  observe(observer: CallObserver): void {
    this.#outcomes.observer = observer;
  }

  /**
   * Splits a call into steps, for a write that must be recorded between getting its permit and being sent. Throws
   * `VALIDATION_FAILED` and `PAYLOAD_TOO_LARGE`.
   */
  prepare<Name extends CamsOperationName>(
    scope: TenantScope,
    name: Name,
    fields: Fields<Name>,
  ): PreparedCall<Result<Name>> {
    const call = this.#call(scope, name, fields);
    const { timeoutMs } = this.#settings;
    let permit: Permit | undefined;
    return {
      acquirePermit: async () => {
        permit = await this.#permit(call, timeoutMs);
      },
      send: async () => {
        const used = permit;
        if (!used) throw new Error('A call can be sent only once, with a permit.');
        permit = undefined;
        const { outcome } = await this.#send(call, used, timeoutMs);
        return answerOf(outcome, call);
      },
      releasePermit: () => permit?.release(),
    };
  }

  #call<Name extends CamsOperationName>(
    scope: TenantScope,
    name: Name,
    fields: Fields<Name>,
  ): Call<Result<Name>> {
    const operation: CamsOperation<Fields<Name>, Result<Name>> = CAMS_OPERATIONS[name];
    const query = requestQuery(scope, operation.query(fields), this.#settings);
    const read = (body: CamsBody): Result<Name> => operation.read(body, fields, scope);
    return { scope, operation, query, read };
  }

  /** Sends a read again, once, if CAMS or the way to it failed and there is time left. */
  async #attemptTwice<T>(call: Call<T>): Promise<CallOutcome<T>> {
    const { timeoutMs } = this.#settings;
    this.#retries.noteCall(call.scope);
    const first = await this.#attempt(call, timeoutMs);
    if (call.operation.kind === 'write' || !first.isFault) return first;
    const pausedMs = Math.random() * RETRY_PAUSE_MS;
    const leftMs = Math.min(timeoutMs - first.tookMs, call.scope.request.remainingMs) - pausedMs;
    if (leftMs < this.#minCallMs || !this.#retries.take(call.scope)) return first;
    await sleep(pausedMs);
    this.#metrics.camsRetries.inc();
    try {
      return await this.#attempt(call, leftMs);
    } catch (error) {
      // Not sent: what the first attempt said is the better answer.
      if (error instanceof GatewayError) return first;
      throw error;
    }
  }

  async #attempt<T>(call: Call<T>, timeoutMs: number): Promise<AttemptResult<T>> {
    return this.#send(call, await this.#permit(call, timeoutMs), timeoutMs);
  }

  async #permit<T>({ scope }: Call<T>, timeoutMs: number): Promise<Permit> {
    if (scope.request.interest.isLost) throw clientLeft();
    this.shedding.admit(scope.request);
    try {
      this.#breaker.check(scope);
      return await this.#acquire(scope, timeoutMs);
    } catch (error) {
      throw this.#unsent(error);
    }
  }

  async #acquire({ account, tenant, request }: TenantScope, timeoutMs: number): Promise<Permit> {
    const client = await this.#clients.clientFor(account, Math.min(timeoutMs, request.remainingMs));
    if (request.interest.isLost) throw clientLeft();
    const maxWaitMs = request.remainingMs - this.#minCallMs;
    if (maxWaitMs < 0) throw this.#tooLate();
    const askedAtMs = performance.now();
    const release = await this.#fairShare.acquire({
      account: account.id,
      tenant: tenant.id,
      weight: tenant.limits.upstreamWeight,
      maxWaitMs,
      interest: request.interest,
    });
    this.#metrics.camsWaits.observe((performance.now() - askedAtMs) / 1_000);
    return { client, release };
  }

  async #send<T>(call: Call<T>, { client, release }: Permit, timeoutMs: number): Promise<AttemptResult<T>> {
    const { operation, query, scope } = call;
    const { interest, remainingMs } = scope.request;
    if (interest.isLost) {
      release();
      throw clientLeft();
    }
    // The steps since the permit was granted may have taken a while.
    if (remainingMs < this.#minCallMs / 2) {
      release();
      throw this.#tooLate();
    }
    if (operation.kind === 'write') interest.keep();
    const send = async (isTrial: boolean): Promise<AttemptResult<T>> => {
      const startedAtMs = performance.now();
      const budgetMs = Math.min(timeoutMs, remainingMs);
      const span = beginCall(call);
      const turn = (): Promise<void> => this.shedding.turn(scope.request);
      const signed = sendSigned(client, operation.action, query, budgetMs, turn, continueTrace(span, call));
      const { answer, ended, clockOffsetMs } = signed;
      // The permit represents the socket: after a timeout, it is released only when the request has ended.
      void ended.then(release);
      // Other calls of the account wait for the outcome of a trial.
      const mayAbandon = operation.kind === 'read' && !isTrial;
      if (mayAbandon) void answer.then(interest.onLost(signed.abandon));
      const answered = await answer;
      const tookMs = performance.now() - startedAtMs;
      const isAbandoned = mayAbandon && interest.isLost;
      if (isAbandoned) this.#outcomes.noteAbandoned(call, tookMs);
      const outcome = isAbandoned ? TIMED_OUT : this.#outcomes.read(answered, call);
      endCall(span, outcome, isAbandoned ? 'abandoned' : this.#outcomes.note(outcome, call, tookMs));
      const judged = { kind: operation.kind, tookMs, timeoutMs: this.#settings.timeoutMs, isTrial };
      const isFault = 'kind' in outcome && showsFault(outcome, judged);
      return { outcome, tookMs, clockOffsetMs: clockOffsetMs(), isFault, isAbandoned };
    };
    let result: AttemptResult<T>;
    try {
      result = await this.#breaker.run(scope, send);
    } catch (error) {
      release();
      throw this.#unsent(error);
    }
    if (result.isAbandoned) throw clientLeft();
    return result;
  }

  #unsent(error: unknown): unknown {
    const reason = unsentReason(error);
    if (reason !== undefined) this.#metrics.camsUnsent.inc({ reason });
    return unsent(error);
  }

  #tooLate(): GatewayError {
    this.#metrics.camsUnsent.inc({ reason: 'no_time' });
    return overloaded('Not enough time was left to call CAMS.', 1);
  }
}

function answerOf<T>(outcome: AttemptResult<T>['outcome'], { operation }: Call<T>): CamsAnswer<T> {
  if ('kind' in outcome) throw toGatewayError(outcome, operation);
  return outcome;
}
