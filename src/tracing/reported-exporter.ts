import { AsyncLocalStorage } from 'node:async_hooks';
import { Logger } from '@nestjs/common';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { redact } from '../util/redaction.js';

/** Logs once when spans cannot be exported, and once when they can again. Lost spans affect nothing else. */
export class ReportedExporter implements SpanExporter {
  readonly #logger = new Logger('Traces');
  /** Leaves the context of the request whose span happened to start the export. */
  readonly #outside = AsyncLocalStorage.snapshot();
  #isFailing = false;
  #lostSpans = 0;

  /** `limitMs`: how long an export may take. The exporter's own limit is without a byte, so a slow response never reaches it. */
  constructor(
    private readonly exporter: SpanExporter,
    private readonly limitMs: number,
  ) {}

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    let isOver = false;
    const over = (result: ExportResult): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      if (result.code === ExportResultCode.SUCCESS) this.#succeeded();
      else this.#failed(spans.length, result.error);
      done(result);
    };
    const timer = setTimeout(() => {
      const error = new Error(`not confirmed within ${this.limitMs} ms`);
      over({ code: ExportResultCode.FAILED, error });
    }, this.limitMs).unref();
    this.#outside(() => this.exporter.export(spans, over));
  }

  forceFlush(): Promise<void> {
    return this.exporter.forceFlush?.() ?? Promise.resolve();
  }

  shutdown(): Promise<void> {
    return this.exporter.shutdown();
  }

  #succeeded(): void {
    if (!this.#isFailing) return;
    this.#logger.log({ msg: 'spans are exported again', lostSpans: this.#lostSpans });
    this.#isFailing = false;
    this.#lostSpans = 0;
  }

  #failed(spans: number, error: Error | undefined): void {
    this.#lostSpans += spans;
    if (this.#isFailing) return;
    this.#isFailing = true;
    const { code, name, message } = (error ?? {}) as NodeJS.ErrnoException;
    this.#logger.warn({
      msg: 'spans cannot be exported and are dropped: check the collector, and OTEL_EXPORTER_OTLP_ENDPOINT',
      reason: redact([name, code, message].filter(Boolean).join(' ')),
    });
  }
}
