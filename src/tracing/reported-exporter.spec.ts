import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { ReportedExporter } from './reported-exporter.js';

const LIMIT_MS = 20;

it('reports an export as failed that is not confirmed in time, and ignores a confirmation after that', async () => {
  let confirm: ((result: ExportResult) => void) | undefined;
  const exporter = {
    export: (_spans: unknown, done: (result: ExportResult) => void) => void (confirm = done),
    shutdown: () => Promise.resolve(),
  };
  const results: ExportResult[] = [];
  new ReportedExporter(exporter, LIMIT_MS).export([], (result) => results.push(result));
  expect(results).toEqual([]);
  await sleep(LIMIT_MS * 5);
  confirm?.({ code: ExportResultCode.SUCCESS });
  expect(results.map(({ code }) => code)).toEqual([ExportResultCode.FAILED]);
});
