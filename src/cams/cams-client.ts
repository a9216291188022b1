import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { ErrorCode } from '../errors/catalogue.js';
import { GatewayError } from '../errors/gateway-error.js';
import { type CamsSettings, Config } from '../config/config.js';
import { LoadShedding } from '../telemetry/load-shedding.js';
import { Metrics } from '../telemetry/metrics.js';
import type { Account, TenantScope } from '../tenancy/tenant-scope.js';
import { type CamsBody, MalformedAnswer, ShortPage } from './answer-shapes.js';
import { CallTelemetry } from './call-telemetry.js';
import { toGatewayError } from './cams-errors.js';
import type { AttemptResult, Call, CallOutcome, CamsAnswer } from './call.js';
import { CallBreaker } from './call-breaker.js';
import type { CamsFailure } from './cams-failure.js';
import { type AccountClient, AccountClients } from './credentials.js';
import { type CamsSuccess, sendSigned } from './send-signed.js';
import { ACCOUNT_PACE, type AccountPace } from './pace/account-pace.js';
import { pauseMs } from './pace/adaptive-rate.js';
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
import { inPartCodeOf, isAccountThrottled } from './refusal-meaning.js';
import { requestQuery } from './request-query.js';
import { RetryBudget } from './retry-budget.js';
import { overloaded, unsent } from './unsent.js';
import { isUpstreamFault } from './upstream-fault.js';

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

/** Is notified of each call that was sent: the account that it was signed for, and its outcome. */
export type CallObserver = (account: Account, outcome: 'ok' | ErrorCode) => void;

/** Minimum time left to start a call. With less it would only fail, and leave the outcome of a write unknown. */
const MIN_CALL_MS = 250;
const SCAN_RETRY_SECONDS = 5;
/** Longest pause before a read is sent again. The actual one is random, so that retries do not arrive together. */
const RETRY_PAUSE_MS = 200;

/**
 * The CAMS client. A call can only reach the space and number of its scope, has a deadline, and ends with a validated
 * result or a `GatewayError` of the catalogue. Writes are sent at most once.
 */
@Injectable()
export class CamsClient {
  // All private: the settings and the vendor's clients hold secrets.
  readonly #settings: CamsSettings;
  readonly #minCallMs: number;
  readonly #telemetry: CallTelemetry;
  readonly #clients: AccountClients;
  readonly #fairShare: FairShare;
  readonly #scanPace = new ScanPace();
  readonly #breaker: CallBreaker<AttemptResult<unknown>>;
  readonly #retries = new RetryBudget();
  #observer: CallObserver | undefined;

  constructor(
    config: Config,
    metrics: Metrics,
    private readonly shedding: LoadShedding,
    @Inject(ACCOUNT_PACE) private readonly pace: AccountPace,
  ) {
    this.#settings = config.cams;
    this.#minCallMs = Math.min(MIN_CALL_MS, config.cams.timeoutMs / 2);
    this.#telemetry = new CallTelemetry(metrics);
    this.#clients = new AccountClients(config.cams);
    this.#breaker = new CallBreaker(config.cams.qps, ({ isFault }) => isFault);
    const { proxy } = config.cams;
    if (proxy !== null)
      new Logger(CamsClient.name).log(`calls to CAMS go through the proxy ${proxy.address}`);
    this.#fairShare = new FairShare({
      maxConcurrency: config.cams.maxConcurrency,
      perSecond: config.cams.qps,
      pace,
      onChange: () => {
        metrics.camsUnderWay.set(this.#fairShare.underWay);
        metrics.camsWaiting.set(this.#fairShare.waiting);
      },
    });
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
    this.#observer = observer;
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
    this.#retries.noteCall();
    const first = await this.#attempt(call, timeoutMs);
    if (call.operation.kind === 'write' || !first.isFault) return first;
    const pausedMs = Math.random() * RETRY_PAUSE_MS;
    const leftMs = Math.min(timeoutMs - first.tookMs, call.scope.request.remainingMs) - pausedMs;
    if (leftMs < this.#minCallMs || !this.#retries.take()) return first;
    await sleep(pausedMs);
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
    this.shedding.admit(scope.request);
    try {
      this.#breaker.check(scope.account.id);
      return await this.#acquire(scope, timeoutMs);
    } catch (error) {
      throw unsent(error);
    }
  }

  async #acquire({ account, tenant, request }: TenantScope, timeoutMs: number): Promise<Permit> {
    const client = await this.#clients.clientFor(account, Math.min(timeoutMs, request.remainingMs));
    const maxWaitMs = request.remainingMs - this.#minCallMs;
    if (maxWaitMs < 0) throw overloaded('Not enough time was left to call CAMS.', 1);
    const claim = { account: account.id, tenant: tenant.id, weight: tenant.limits.upstreamWeight, maxWaitMs };
    return { client, release: await this.#fairShare.acquire(claim) };
  }

  async #send<T>(call: Call<T>, { client, release }: Permit, timeoutMs: number): Promise<AttemptResult<T>> {
    const { operation, query, scope } = call;
    const { remainingMs } = scope.request;
    // The steps since the permit was granted may have taken a while.
    if (remainingMs < this.#minCallMs / 2) {
      release();
      throw overloaded('Not enough time was left to call CAMS.', 1);
    }
    const send = async (): Promise<AttemptResult<T>> => {
      const startedAtMs = performance.now();
      const budgetMs = Math.min(timeoutMs, remainingMs);
      const { answer, ended, clockOffsetMs } = sendSigned(client, operation.action, query, budgetMs);
      // The permit represents the socket: after a timeout, it is released only when the request has ended.
      void ended.then(release);
      const outcome = this.#check(await answer, call);
      const tookMs = performance.now() - startedAtMs;
      this.#note(outcome, call, tookMs);
      const isFault = 'kind' in outcome && isUpstreamFault(outcome, operation.kind);
      return { outcome, tookMs, clockOffsetMs: clockOffsetMs(), isFault };
    };
    try {
      return await this.#breaker.run(scope.account.id, send);
    } catch (error) {
      release();
      throw unsent(error);
    }
  }

  #check<T>(
    answer: CamsSuccess | CamsFailure,
    { operation, read, scope }: Call<T>,
  ): AttemptResult<T>['outcome'] {
    const requestId = 'requestId' in answer ? answer.requestId : undefined;
    if (requestId !== undefined) scope.request.noteUpstreamCall(requestId);
    this.#telemetry.contradiction(operation.action, answer);
    const inPart = answer.kind === 'refused' && operation.inPart ? inPartCodeOf(answer) : undefined;
    if (inPart !== undefined && operation.inPart) {
      this.#telemetry.inPart(operation.action, inPart, requestId);
      return { result: operation.inPart(inPart), requestId };
    }
    if (answer.kind !== 'success') return answer;
    try {
      const result = read(answer.body);
      this.#telemetry.unusableRows(operation.action, result, requestId);
      return { result, requestId };
    } catch (error) {
      if (error instanceof ShortPage) return { kind: 'short-page', maxSize: error.maxSize, requestId };
      // A bug in the parser, too, means an unknown outcome, not an internal error that reads as "not executed".
      const what = error instanceof MalformedAnswer ? error.message : 'could not parse the response';
      return { kind: 'broken', what, status: 200, requestId };
    }
  }

  #note<T>(outcome: AttemptResult<T>['outcome'], { operation, scope }: Call<T>, tookMs: number): void {
    const { action } = operation;
    const code = 'kind' in outcome ? toGatewayError(outcome, operation).code : 'ok';
    this.#telemetry.ended(action, tookMs, code);
    if ('kind' in outcome && code !== 'ok') this.#telemetry.failure(action, outcome, code);
    if ('kind' in outcome && outcome.kind === 'refused' && isAccountThrottled(outcome, operation.kind))
      this.pace.throttled(scope.account.id, pauseMs(outcome.retryAfterSeconds), performance.now());
    this.#observer?.(scope.account, code);
  }
}

function answerOf<T>(outcome: AttemptResult<T>['outcome'], { operation }: Call<T>): CamsAnswer<T> {
  if ('kind' in outcome) throw toGatewayError(outcome, operation);
  return outcome;
}
