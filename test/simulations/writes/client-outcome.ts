/** What a response says about a write. */
export interface ClientOutcome {
  /** `pending`: a create operation whose group is not known yet; `none`: there was no response. */
  readonly kind: 'done' | 'pending' | 'unresolved' | 'failed' | 'none';
  readonly code: string;
  readonly retryable: boolean;
  readonly replayed: boolean;
  /** Only for create operations. */
  readonly groupId?: string | undefined;
  readonly operationId?: string | undefined;
  readonly link?: string | null | undefined;
  /** The group was created without its link. */
  readonly linkFailed?: boolean;
  readonly detail?: string | undefined;
}

/** Codes about this request alone, which say nothing about the write. */
const OF_THE_REQUEST: ReadonlySet<string> = new Set([
  'IDEMPOTENCY_IN_FLIGHT',
  'STATE_UNAVAILABLE',
  'COHERENCE_UNAVAILABLE',
  'CONFLICT',
  'OVERLOADED',
  'RATE_LIMITED',
]);

export const NO_ANSWER: ClientOutcome = {
  kind: 'none',
  code: 'no response',
  retryable: true,
  replayed: false,
};

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

/** Whether the client knows the final outcome. */
export function isFinal(outcome: ClientOutcome): boolean {
  if (outcome.kind === 'done' || outcome.kind === 'unresolved') return true;
  return saysNotExecuted(outcome) && !outcome.retryable;
}

export function nameOf({ kind, code }: ClientOutcome): string {
  return kind === 'failed' || kind === 'none' ? code : kind;
}
