/** What an answer says of a write. */
export interface ClientOutcome {
  /** `pending`: a create whose group is not known yet; `none`: there was no answer. */
  readonly kind: 'done' | 'pending' | 'unresolved' | 'failed' | 'none';
  readonly code: string;
  readonly retryable: boolean;
  readonly replayed: boolean;
  /** Of a create. */
  readonly groupId?: string | undefined;
  readonly operationId?: string | undefined;
  readonly link?: string | null | undefined;
  /** That the group was made without its link. */
  readonly linkFailed?: boolean;
  readonly detail?: string | undefined;
}

/** Codes that say nothing of the write, but of this request alone. */
const OF_THE_REQUEST: ReadonlySet<string> = new Set([
  'IDEMPOTENCY_IN_FLIGHT',
  'STATE_UNAVAILABLE',
  'COHERENCE_UNAVAILABLE',
  'CONFLICT',
  'OVERLOADED',
  'RATE_LIMITED',
]);

export const NO_ANSWER: ClientOutcome = { kind: 'none', code: 'no answer', retryable: true, replayed: false };

export function failed(
  code: string,
  retryable: boolean,
  replayed: boolean,
  more: Pick<ClientOutcome, 'operationId' | 'detail'> = {},
): ClientOutcome {
  return { kind: 'failed', code, retryable, replayed, ...more };
}

export function saysUnknown({ kind, code }: ClientOutcome): boolean {
  return kind === 'pending' || kind === 'unresolved' || code === 'OUTCOME_UNKNOWN';
}

/** Whether it claims that the write was not executed. */
export function saysNotExecuted({ kind, code }: ClientOutcome): boolean {
  return kind === 'failed' && code !== 'OUTCOME_UNKNOWN' && !OF_THE_REQUEST.has(code);
}

/** Whether the client has learned what it wanted to know. */
export function isFinal(outcome: ClientOutcome): boolean {
  if (outcome.kind === 'done' || outcome.kind === 'unresolved') return true;
  return saysNotExecuted(outcome) && !outcome.retryable;
}

export function nameOf({ kind, code }: ClientOutcome): string {
  return kind === 'failed' || kind === 'none' ? code : kind;
}
