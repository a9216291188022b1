import type { IncomingHttpHeaders } from 'node:http';
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapGetter,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { TraceSettings } from '../config/config.js';
import { packageVersion } from '../util/package-version.js';
import { redact } from '../util/redaction.js';
import { withFallback } from '../util/with-timeout.js';
import { ReportedExporter } from './reported-exporter.js';
import { type SpanFactory, type SpanRole, useTracing } from './tracing.js';

const SERVICE = 'chatgroup-gateway';
/** The default of OTEL_BSP_EXPORT_TIMEOUT. */
const EXPORT_MS = 30_000;
/** How long a stop waits until the remaining spans have been sent. */
const FLUSH_MS = 1_000;
/** A trace ID without letters could be a phone number: see `callerRequestId`. */
const HAS_LETTERS = /^[\da-f]{2}-\d*[a-f]/;

export interface RunningTraces {
  /** Exports what remains, within {@link FLUSH_MS}. */
  close(): Promise<void>;
}

/** Turns tracing on. The exporter reads its endpoint, headers and certificates from the variables of OpenTelemetry. */
export async function startTracing({ protocol, sampler, batch }: TraceSettings): Promise<RunningTraces> {
  const { exportTimeoutMillis = EXPORT_MS } = batch;
  const exporter = new ReportedExporter(await exporterFor(protocol), exportTimeoutMillis);
  const provider = new TracerProvider({
    // Later ones win.
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': SERVICE, 'service.version': packageVersion() }))
      .merge(detectResources({ detectors: [serviceInstanceIdDetector, envDetector] })),
    sampler: samplerOf(sampler),
    spanProcessors: [new BatchSpanProcessor({ exporter, ...batch })],
  });
  useTracing(new Spans(provider.getTracer(SERVICE, packageVersion())));
  return {
    close: () =>
      withFallback(
        provider.shutdown().catch(() => {
          // The exporter logs failed exports, and a stop goes on without the spans that remain.
        }),
        FLUSH_MS,
        () => undefined,
      ),
  };
}

async function exporterFor(protocol: TraceSettings['protocol']): Promise<SpanExporter> {
  const { OTLPTraceExporter } =
    protocol === 'http/json'
      ? await import('@opentelemetry/exporter-trace-otlp-http')
      : await import('@opentelemetry/exporter-trace-otlp-proto');
  return new OTLPTraceExporter();
}

function samplerOf({ kind, ratio, byParent }: TraceSettings['sampler']): Sampler {
  const root = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(ratio),
  }[kind]();
  return byParent ? new ParentBasedSampler({ root }) : root;
}

const KINDS: Readonly<Record<SpanRole, SpanKind>> = { client: SpanKind.CLIENT, internal: SpanKind.INTERNAL };

class Spans implements SpanFactory {
  readonly #propagator = new W3CTraceContextPropagator();

  constructor(private readonly tracer: Tracer) {}

  ofRequest(method: string, headers: IncomingHttpHeaders): Span {
    return this.tracer.startSpan(method, { kind: SpanKind.SERVER }, this.#callersContext(headers));
  }

  childOf(parent: Span, name: string, role: SpanRole, attributes: Attributes): Span {
    const context = trace.setSpan(ROOT_CONTEXT, parent);
    return this.tracer.startSpan(name, { kind: KINDS[role], attributes }, context);
  }

  fail(span: Span, type: string): void {
    span.setAttribute('error.type', type);
    span.setStatus({ code: SpanStatusCode.ERROR });
  }

  #callersContext(headers: IncomingHttpHeaders): Context {
    const { traceparent } = headers;
    if (typeof traceparent !== 'string' || !HAS_LETTERS.test(traceparent)) return ROOT_CONTEXT;
    return this.#propagator.extract(ROOT_CONTEXT, headers, HEADERS);
  }
}

const HEADERS: TextMapGetter<IncomingHttpHeaders> = {
  keys: (headers) => Object.keys(headers),
  get: (headers, name) => {
    const value = headers[name];
    // It is exported with every span, and callers can put anything into it.
    return name === 'tracestate' && redact(String(value)) !== String(value) ? undefined : value;
  },
};
