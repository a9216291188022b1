import type { Span } from '@opentelemetry/api';
import { endSpan, spanOf, startSpan, traceHeaders } from '../tracing/tracing.js';
import type { AttemptResult, Call } from './call.js';

/** Begins the span of one attempt of a call, in the trace of the request that it is made for. */
export function beginCall<T>({ operation: { action }, scope }: Call<T>): Span | undefined {
  const attributes = { 'cams.action': action, 'cams.account': scope.account.id };
  return startSpan(action, 'client', attributes, scope.request);
}

/** Returns the headers by which CAMS could continue the trace; none while tracing is off. */
export function continueTrace<T>(span: Span | undefined, { scope }: Call<T>): Record<string, string> {
  return { ...traceHeaders(span ?? spanOf(scope.request)) };
}

export function endCall<T>(
  span: Span | undefined,
  outcome: AttemptResult<T>['outcome'],
  result: string,
): void {
  if (span === undefined) return;
  span.setAttribute('cams.outcome', result);
  const requestId = 'requestId' in outcome ? outcome.requestId : undefined;
  if (requestId !== undefined) span.setAttribute('cams.request_id', requestId);
  endSpan(span, result === 'ok' ? undefined : result);
}
