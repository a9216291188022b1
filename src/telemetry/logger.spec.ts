import { type Span, TraceFlags, trace } from '@opentelemetry/api';
import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { RequestContext, currentRequest } from '../request/request-context.js';
import { loggerOptions } from './logger.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

function span(): Span {
  return trace.wrapSpanContext({
    traceId: TRACE,
    spanId: '00f067aa0ba902b7',
    traceFlags: TraceFlags.SAMPLED,
  });
}

/** Logs a line within a request that is traced, and returns it. */
function logged(fields: Record<string, unknown>): Record<string, unknown> {
  const lines: string[] = [];
  const logger = pino(loggerOptions('info'), { write: (line) => lines.push(line) });
  const context = new RequestContext('first', 1_000);
  context.span = span();
  currentRequest.run(context, () => logger.info({ msg: 'a line', ...fields }));
  return JSON.parse(lines[0] ?? '{}') as Record<string, unknown>;
}

describe('a line that is logged within a request', () => {
  it('has the ids of the request', () => {
    expect(logged({})).toMatchObject({ requestId: 'first', traceId: TRACE });
  });

  it('has the trace of its request if it names that', () => {
    expect(logged({ requestId: 'first' })).toMatchObject({ requestId: 'first', traceId: TRACE });
  });

  it('does not have the trace of that request if it is about the next one of the connection', () => {
    const line = logged({ requestId: 'second' });
    expect(line['requestId']).toBe('second');
    expect(line).not.toHaveProperty('traceId');
  });
});
