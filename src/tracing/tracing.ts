import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingHttpHeaders } from 'node:http';
import type { Attributes, Span } from '@opentelemetry/api';
import { type RequestContext, currentRequest } from '../request/request-context.js';

/** `client`: a call to another system. */
export type SpanRole = 'client' | 'internal';

/** Makes spans. The implementation, `sdk.ts`, is loaded only if traces are exported. */
export interface SpanFactory {
  /** Begins the span of a request, as a child of the caller's span if there is a valid `traceparent`. */
  ofRequest(method: string, headers: IncomingHttpHeaders): Span;
  childOf(parent: Span, name: string, role: SpanRole, attributes: Attributes): Span;
  /** Gives a span the status of an error. */
  fail(span: Span, type: string): void;
}

/** A request that has ended. */
interface EndedRequest {
  readonly context: RequestContext;
  readonly method: string;
  readonly status: number;
}

interface ActiveSpan {
  readonly span: Span;
  readonly request: RequestContext;
}

/** The methods that may be in names of spans. Source: OpenTelemetry's conventions for HTTP. */
const METHODS = /^(?:CONNECT|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT|TRACE)$/;

/** `TraceFlags.SAMPLED`, which would load the API. */
const SAMPLED = 1;

/** The span that later ones are part of, within that of the request. Never entered while tracing is off. */
const active = new AsyncLocalStorage<ActiveSpan>();
let factory: SpanFactory | undefined;

/** Turns tracing on for this process. Call it before the gateway starts. */
export function useTracing(spans: SpanFactory): void {
  factory = spans;
}

export function isTracing(): boolean {
  return factory !== undefined;
}

/** Begins the span of a request. Everything else is part of such a span, or not traced. */
export function beginRequest(context: RequestContext, method = '', headers: IncomingHttpHeaders = {}): void {
  context.span = factory?.ofRequest(methodOf(method), headers);
}

/** Ends the spans of a request, with what its log line has. Never the URL, which contains phone numbers. */
export function endRequest({ context, method: sent, status }: EndedRequest): void {
  const { span, route, errorCode, tenantId } = context;
  if (factory === undefined || span === undefined) return;
  endOperation(context);
  const method = methodOf(sent);
  span.updateName(route === undefined ? method : `${method} ${route}`);
  span.setAttributes({
    'http.request.method': method,
    'http.response.status_code': status,
    'url.scheme': 'http',
    'gateway.request_id': context.requestId,
    ...(route !== undefined && { 'http.route': route }),
    ...(tenantId !== undefined && { 'gateway.tenant': tenantId }),
    ...(errorCode !== undefined && { 'gateway.error_code': errorCode }),
  });
  // A GraphQL response has status 200 even if CAMS failed: the span of its operation shows that.
  if (status >= 500) factory.fail(span, errorCode ?? String(status));
  span.end();
}

/** Runs the rest of a GraphQL request in the span of its operation. */
export function inOperation(request: RequestContext, rest: () => void): void {
  const span = startSpan('GraphQL operation', 'internal', {}, request);
  if (span === undefined) return rest();
  request.operationSpan = span;
  active.run({ span, request }, rest);
}

/** Ends the span of a GraphQL operation. Has no effect the second time. */
export function endOperation(request: RequestContext): void {
  const { operationSpan, operation, operationType, errorCode, hasServerError } = request;
  if (!operationSpan?.isRecording()) return;
  if (operationType !== undefined) {
    operationSpan.updateName(operationType);
    operationSpan.setAttribute('graphql.operation.type', operationType);
  }
  if (operation !== undefined) operationSpan.setAttribute('graphql.operation.name', operation);
  if (hasServerError) factory?.fail(operationSpan, errorCode ?? 'INTERNAL_ERROR');
  operationSpan.end();
}

/**
 * Begins a span of a request, by default the one whose code calls this; `undefined` if that is not traced, or not sampled.
 * Names and attributes must not contain anything that the log may not show, nor IDs of groups.
 */
export function startSpan(
  name: string,
  role: SpanRole,
  attributes: Attributes,
  request = factory && currentRequest.getStore(),
): Span | undefined {
  const parent = spanOf(request);
  // Also of a span that has ended: a stale page is refreshed after the response.
  return parent && isSampled(parent) ? factory?.childOf(parent, name, role, attributes) : undefined;
}

/** Ends a span; with `error`, as failed. Its text could contain anything, so only its code is shown. */
export function endSpan(span: Span | undefined, error?: unknown): void {
  if (span === undefined) return;
  if (error !== undefined) factory?.fail(span, typeof error === 'string' ? error : codeOf(error));
  span.end();
}

/** Runs a step of a request in a span of its own. */
export async function inSpan<T>(
  name: string,
  request: RequestContext,
  step: (span: Span | undefined) => Promise<T>,
): Promise<T> {
  const span = startSpan(name, 'internal', {}, request);
  if (span === undefined) return step(span);
  try {
    const result = await active.run({ span, request }, () => step(span));
    endSpan(span);
    return result;
  } catch (error) {
    endSpan(span, error);
    throw error;
  }
}

/** Notes on the current span that it waited for work of another request, whose span is `others` if that is known. */
export function noteShared(others?: Span): void {
  const span = factory && active.getStore()?.span;
  if (span === undefined) return;
  span.setAttribute('gateway.shared', true);
  if (others !== undefined) span.addLink({ context: others.spanContext() });
}

/** Returns the current span of a request. Work that requests share may run in a span of another one. */
export function spanOf(request: RequestContext | undefined): Span | undefined {
  if (request?.span === undefined) return undefined;
  const inner = active.getStore();
  return inner?.request === request ? inner.span : request.span;
}

/** Returns work that belongs to the current span, whoever starts it. */
export function withOwnSpan<T>(work: () => T): () => T {
  return factory === undefined ? work : AsyncLocalStorage.bind(work);
}

/** Returns what makes the receiver of a request continue the trace. The caller's `tracestate` is not passed on. */
export function traceHeaders(span: Span | undefined): { readonly traceparent: string } | undefined {
  if (span === undefined) return undefined;
  const { traceId, spanId, traceFlags } = span.spanContext();
  return { traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}` };
}

/** Returns the IDs that join a log line with its trace. */
export function traceIds(span: Span | undefined): { traceId?: string; spanId?: string } {
  if (span === undefined) return {};
  const { traceId, spanId } = span.spanContext();
  return { traceId, spanId };
}

function isSampled(span: Span): boolean {
  return (span.spanContext().traceFlags & SAMPLED) !== 0;
}

function methodOf(method: string): string {
  return METHODS.test(method) ? method : '_OTHER';
}

function codeOf(error: unknown): string {
  const { code, name = 'unknown' } = Object(error) as { code?: unknown; name?: string };
  return typeof code === 'string' ? code : name;
}
