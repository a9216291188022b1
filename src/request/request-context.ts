import { AsyncLocalStorage } from 'node:async_hooks';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set for every request, before anything else runs. */
    gateway: RequestContext;
  }
}

/**
 * What one request knows of itself while it is answered: its id, its deadline, and notes for the headers and the log
 * line of its response. Transports make these notes from results and errors; nothing decides by them.
 */
export class RequestContext {
  readonly startedAtMs = performance.now();
  readonly deadlineMs: number;
  tenantId: string | undefined;
  principal: string | undefined;
  /** GraphQL operation name or REST route template. */
  operation: string | undefined;
  errorCode: string | undefined;
  /** Of the page that was read last. */
  cacheStatus: string | undefined;
  /** Id of the upstream call that the response is about. */
  upstreamRequestId: string | undefined;
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

  /**
   * Notes the latest upstream call. The client notes each call by itself: a read through the cache is answered by a call
   * of its own, by another reader's, or by none, and a result that said which would drag the id through every layer.
   */
  noteUpstreamCall(id: string): void {
    this.upstreamRequestId = id;
  }

  /** Notes what a write has come to, in place of the calls that it took. */
  noteWrite(write: { readonly replayed: boolean; readonly upstreamRequestId: string | undefined }): void {
    this.upstreamRequestId = write.upstreamRequestId;
    if (write.replayed) this.idempotencyReplayed = true;
  }

  /** Milliseconds that are left of the budget; 0 when it is used up. */
  get remainingMs(): number {
    return Math.max(0, this.deadlineMs - performance.now());
  }
}

/** The request under way, for code that nothing can be passed to: log lines, and errors that Apollo formats. */
export const currentRequest = new AsyncLocalStorage<RequestContext>();
