/** What one request knows of itself while it is answered: its id, its deadline, and notes for its log line. */
export class RequestContext {
  readonly startedAtMs = performance.now();
  readonly deadlineMs: number;
  /** Id of the latest upstream call of this request that has one. */
  upstreamRequestId: string | undefined;
  tenantId: string | undefined;
  subject: string | undefined;
  /** GraphQL operation name or REST route template. */
  operation: string | undefined;
  errorCode: string | undefined;
  cacheStatus: string | undefined;

  /** `budgetMs` bounds the whole answer (`REQUEST_BUDGET_MS`). */
  constructor(
    readonly requestId: string,
    budgetMs: number,
  ) {
    this.deadlineMs = this.startedAtMs + budgetMs;
  }

  /** Milliseconds that are left of the budget; 0 when it is used up. */
  get remainingMs(): number {
    return Math.max(0, this.deadlineMs - performance.now());
  }
}
