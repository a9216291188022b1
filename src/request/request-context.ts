import { AsyncLocalStorage } from 'node:async_hooks';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set for every request, before anything else runs. */
    gateway: RequestContext;
  }
}

/** What one request knows of itself while it is answered: its id, its deadline, and notes for its log line. */
export class RequestContext {
  readonly startedAtMs = performance.now();
  readonly deadlineMs: number;
  #upstreamRequestId: string | undefined;
  #upstreamRequestIdKept = false;
  tenantId: string | undefined;
  principal: string | undefined;
  /** GraphQL operation name or REST route template. */
  operation: string | undefined;
  errorCode: string | undefined;
  cacheStatus: string | undefined;
  /** Of the write that this request asks for. */
  idempotencyKey: string | undefined;
  /** Whether the answer is the outcome of an earlier request with the same key. */
  idempotencyReplayed = false;

  /** `budgetMs` bounds the whole answer (`REQUEST_BUDGET_MS`). */
  constructor(
    readonly requestId: string,
    budgetMs: number,
  ) {
    this.deadlineMs = this.startedAtMs + budgetMs;
  }

  /** Id of the latest upstream call of this request that has one; of its write, once there was one. */
  get upstreamRequestId(): string | undefined {
    return this.#upstreamRequestId;
  }

  set upstreamRequestId(id: string | undefined) {
    if (!this.#upstreamRequestIdKept) this.#upstreamRequestId = id;
  }

  /** Notes the id of a write: reads that follow do not replace it. */
  keepUpstreamRequestId(id: string | undefined): void {
    this.#upstreamRequestId = id;
    this.#upstreamRequestIdKept = true;
  }

  /** Milliseconds that are left of the budget; 0 when it is used up. */
  get remainingMs(): number {
    return Math.max(0, this.deadlineMs - performance.now());
  }
}

/** The request under way, for code that nothing can be passed to: log lines, and errors that Apollo formats. */
export const currentRequest = new AsyncLocalStorage<RequestContext>();
