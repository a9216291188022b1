import type { ErrorCode } from '../errors/catalogue.js';
import type { Account } from '../tenancy/tenant-scope.js';
import { MalformedAnswer, ShortPage } from './answer-shapes.js';
import type { AttemptResult, Call } from './call.js';
import type { CallTelemetry } from './call-telemetry.js';
import { toGatewayError } from './cams-errors.js';
import type { CamsFailure } from './cams-failure.js';
import type { AccountPace } from './pace/account-pace.js';
import { pauseMs } from './pace/adaptive-rate.js';
import { inPartCodeOf, isAccountThrottled } from './refusal-meaning.js';
import type { CamsSuccess } from './send-signed.js';

/** Is notified of each call that ended: the account that it was signed for, and its outcome. */
export type CallObserver = (account: Account, outcome: 'ok' | ErrorCode) => void;

/** What a response of CAMS means, and who learns of it. */
export class CallOutcomes {
  observer: CallObserver | undefined;

  constructor(
    private readonly telemetry: CallTelemetry,
    private readonly pace: AccountPace,
  ) {}

  /** Returns the result, or why there is none. */
  read<T>(
    answer: CamsSuccess | CamsFailure,
    { operation, read, scope }: Call<T>,
  ): AttemptResult<T>['outcome'] {
    const requestId = 'requestId' in answer ? answer.requestId : undefined;
    if (requestId !== undefined) scope.request.noteUpstreamCall(requestId);
    this.telemetry.contradiction(operation.action, answer);
    const inPart = answer.kind === 'refused' && operation.inPart ? inPartCodeOf(answer) : undefined;
    if (inPart !== undefined && operation.inPart) {
      this.telemetry.inPart(operation.action, inPart, requestId);
      return { result: operation.inPart(inPart), requestId };
    }
    if (answer.kind !== 'success') return answer;
    scope.request.held?.received(answer.bytes);
    try {
      const result = read(answer.body);
      this.telemetry.unusableRows(operation.action, result, requestId);
      return { result, requestId };
    } catch (error) {
      if (error instanceof ShortPage) return { kind: 'short-page', maxSize: error.maxSize, requestId };
      // A bug in the parser, too, means an unknown outcome, not an internal error that reads as "not executed".
      const what = error instanceof MalformedAnswer ? error.message : 'could not parse the response';
      return { kind: 'broken', what, status: 200, requestId };
    }
  }

  /** Counts and logs how a call ended, and slows its account down if CAMS asks for that. Returns its outcome. */
  note<T>(outcome: AttemptResult<T>['outcome'], call: Call<T>, tookMs: number): 'ok' | ErrorCode {
    const { operation, scope } = call;
    const { action } = operation;
    const code = 'kind' in outcome ? toGatewayError(outcome, operation).code : 'ok';
    this.telemetry.ended(action, tookMs, code);
    if ('kind' in outcome && code !== 'ok') this.telemetry.failure(call, outcome, code);
    if ('kind' in outcome && outcome.kind === 'refused' && isAccountThrottled(outcome, operation.kind))
      this.pace.throttled(scope.account.id, pauseMs(outcome.retryAfterSeconds), performance.now());
    this.observer?.(scope.account, code);
    return code;
  }

  /** Counts a call that ended because nobody waited for it. It says nothing about CAMS. */
  noteAbandoned<T>({ operation }: Call<T>, tookMs: number): void {
    this.telemetry.ended(operation.action, tookMs, 'abandoned');
  }
}
