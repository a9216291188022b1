import { AsyncLocalStorage } from 'node:async_hooks';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set for every request, before anything else runs. */
    gateway: RequestContext;
  }
}

/**
 * Context of a request: its id, its deadline, and data for the headers and the log line of its response. Transports
 * record this data from results and errors; it does not affect how the request is processed.
 */
export class RequestContext {
  readonly startedAtMs = performance.now();
  readonly deadlineMs: number;
  tenantId: string | undefined;
  principal: string | undefined;
  /** GraphQL operation name or REST route template. */
  operation: string | undefined;
  errorCode: string | undefined;
  /** Cache status of the last page read. */
  cacheStatus: string | undefined;
  /** Id of the upstream call that the response reports. */
  upstreamRequestId: string | undefined;
  /** Idempotency key of the requested write. */
  idempotencyKey: string | undefined;
  /** Whether the response is the outcome of an earlier request with the same key. */
  idempotencyReplayed = false;

  /** `budgetMs` is the maximum time of the request (`REQUEST_BUDGET_MS`). */
  constructor(
    readonly requestId: string,
    budgetMs: number,
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
    this.upstreamRequestId = write.upstreamRequestId;
    if (write.replayed) this.idempotencyReplayed = true;
  }

  /** The remaining budget in ms; 0 if it is used up. */
  get remainingMs(): number {
    return Math.max(0, this.deadlineMs - performance.now());
  }
}

/** The current request, for code that cannot receive it as a parameter: log lines, and errors that Apollo formats. */
export const currentRequest = new AsyncLocalStorage<RequestContext>();
