import { AsyncLocalStorage } from 'node:async_hooks';
import type { Span } from '@opentelemetry/api';
import { Interest } from './interest.js';
import { type RateLimitHeaders, type RateLimitUsage, rateLimitHeaders } from './rate-limit-headers.js';
import type { LimitName } from './limits.js';
import type { RefusedCredentials } from './refused-credentials.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set for every request, before anything else runs. */
    gateway: RequestContext;
  }
}

/** The place of a request among the concurrent requests of its tenant, until its response has been sent or its client has left. */
export interface HeldPlace {
  /** Call it when the response has ended. */
  closed(): void;
  /** Counts what was received for the request, in bytes, towards the quota of requests. */
  received(bytes: number): void;
  /** Counts what was rendered for its response, unless what it was rendered from has been counted. */
  rendered(bytes: number): void;
  /** Counts as this many more requests. */
  countMore(requests: number): void;
  /** Call it for a request whose response may be in memory: sending that costs less than a refusal. */
  allowSuspension(): void;
  /** Call it before asking whether a page that this process holds is current. Does nothing unless suspension is allowed. */
  suspendPlace(): void;
  /** Call it if the page is current. */
  resumePlace(): void;
  /** Call it before anything that costs more. Throws `RATE_LIMITED` if the place was suspended and others reach the limit. */
  requirePlace(): void;
}

/**
 * Context of a request: its id, its deadline, and data for the headers and the log line of its response. Transports
 * record this data from results and errors; it does not affect how the request is processed.
 */
export class RequestContext {
  readonly startedAtMs = performance.now();
  readonly deadlineMs: number;
  /** Route template; `undefined` if the request matched none. */
  route: string | undefined;
  /** Whether the request has been logged. */
  hasEnded = false;
  /** The client's address, as far as `TRUST_PROXY` says. Set for requests with credentials. */
  address: string | undefined;
  tenantId: string | undefined;
  principal: string | undefined;
  /** GraphQL operation name or REST route template. */
  operation: string | undefined;
  /** `query` or `mutation`, of a GraphQL operation. */
  operationType: string | undefined;
  errorCode: string | undefined;
  /** Whether an error in the response has a status of 500 or more: GraphQL reports it within a response with 200. */
  hasServerError = false;
  /** Set if the response refuses the credentials. */
  refusedCredentials: RefusedCredentials | undefined;
  /** What the response says about the limit that was reached. */
  limitDetail: string | undefined;
  /** The limit that was reached. */
  limit: LimitName | undefined;
  /** Cache status of the last page read. */
  cacheStatus: string | undefined;
  /** Id of the upstream call that the response reports. */
  upstreamRequestId: string | undefined;
  /** Idempotency key of the requested write. */
  idempotencyKey: string | undefined;
  /** Whether the response is the outcome of an earlier request with the same key. */
  idempotencyReplayed = false;
  /** The span of the request, and of its GraphQL operation, if traces are exported. */
  span: Span | undefined;
  operationSpan: Span | undefined;
  held: HeldPlace | undefined;
  /** Whether it may cost much, even while the gateway is overloaded: see `LoadShedding`. */
  isAdmitted = false;
  /** Whether the response reports a write. */
  isWrite = false;
  /** What is left of a limit that only requests of this kind consume, such as deletes. */
  rateLimit: RateLimitHeaders | undefined;
  #interest: Interest | undefined;
  #isOver = false;

  /**
   * `budgetMs` is the maximum time of the request (`REQUEST_BUDGET_MS`), `callerRequestId` the id that the caller gave it,
   * if it may be logged.
   */
  constructor(
    readonly requestId: string,
    budgetMs: number,
    readonly callerRequestId?: string,
  ) {
    this.deadlineMs = this.startedAtMs + budgetMs;
  }

  /**
   * Records the latest upstream call. The client records each call itself: a cached read may use its own call, that of
   * another reader, or none, and returning the id with the result would pass it through every layer.
   */
  noteUpstreamCall(id: string): void {
    this.upstreamRequestId = id;
  }

  /** Records the outcome of a write, replacing that of its calls. */
  noteWrite(write: { readonly replayed: boolean; readonly upstreamRequestId: string | undefined }): void {
    this.isWrite = true;
    this.upstreamRequestId = write.upstreamRequestId;
    if (write.replayed) this.idempotencyReplayed = true;
  }

  /** Records the GraphQL operation of the request. */
  noteOperation(type: string, name: string): void {
    this.operationType = type;
    this.operation = name;
  }

  /** Records an error within the response. The first one names the code of the log line. */
  noteError(code: string, status: number, detail?: string, limit?: LimitName): void {
    this.errorCode ??= code;
    if (code === 'RATE_LIMITED') this.limitDetail ??= detail;
    this.limit ??= limit;
    if (status >= 500) this.hasServerError = true;
  }

  noteRateLimit(usage: RateLimitUsage): void {
    this.rateLimit = rateLimitHeaders(usage);
  }

  /** Whether the write has an idempotency key: it then relies on the shared state store alone, never on this process. */
  get isKeyed(): boolean {
    return this.idempotencyKey !== undefined;
  }

  /** Who waits for this request. Made when first needed: most requests end without. */
  get interest(): Interest {
    if (!this.#interest) {
      this.#interest = new Interest();
      if (this.#isOver) this.#interest.requestEnded();
    }
    return this.#interest;
  }

  /**
   * Call it when the client has its response, or has left. GraphQL responds as soon as a field fails that must not be null, while
   * others are still being read.
   */
  over(): void {
    this.#isOver = true;
    this.#interest?.requestEnded();
  }

  /** The remaining budget in ms; 0 if it is used up. */
  get remainingMs(): number {
    return Math.max(0, this.deadlineMs - performance.now());
  }
}

/** The current request, for code that cannot receive it as a parameter: log lines, and errors that Apollo formats. */
export const currentRequest = new AsyncLocalStorage<RequestContext>();
