import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Metrics } from '../../src/telemetry/metrics.js';
import { toGatewayError } from '../../src/cams/cams-errors.js';
import { GatewayError, validationFailed } from '../../src/errors/gateway-error.js';
import { problem } from '../../src/errors/problem-details.js';
import { formatError } from '../../src/graphql/format-error.js';
import { AuditLog } from '../../src/telemetry/audit-log.js';
import { loggerOptions, nestLogger } from '../../src/telemetry/logger.js';
import { readableText } from '../../src/util/readable-text.js';
import { type Canary, canaries } from '../support/spellings.js';

const folder = mkdtempSync(join(tmpdir(), 'spellings-'));
afterAll(() => rmSync(folder, { recursive: true }));

const refusal = (text: string): GatewayError =>
  new GatewayError('VALIDATION_FAILED', text, { violations: [{ field: text, message: text }] });

/** Returns what a logger writes. */
function logged(write: (logger: pino.Logger) => void): string {
  const lines: string[] = [];
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  write(pino(loggerOptions('trace'), output));
  return lines.join('');
}

const failed = (text: string): object => ({
  msg: 'x',
  err: Object.assign(new Error(text, { cause: new TypeError(text) }), { command: { args: [text] } }),
});

/** Every way out, each of which returns all that it shows of a text. */
const WAYS_OUT: Readonly<Record<string, (text: string) => unknown>> = {
  'a REST error': (text) => problem(refusal(text), 'id'),
  'a GraphQL error': (text) => formatError({ message: text, extensions: {} }, refusal(text)),
  'a GraphQL error of graphql-js': (text) =>
    formatError({ message: text, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }, new Error(text)),
  'the names of fields': (text) =>
    problem(validationFailed([{ field: text, message: 'is not a known field' }]), 'id'),
  'a message of CAMS': (text) =>
    problem(
      toGatewayError(
        {
          kind: 'refused',
          status: 200,
          code: 'InvalidParameter.Subject',
          message: text,
          requestId: undefined,
        },
        { action: 'UpdateChatGroup', kind: 'write' },
      ),
      'id',
    ),
  'a log message': (text) => logged((logger) => logger.info(text)),
  'the fields of a log line': (text) =>
    logged((logger) => logger.info({ msg: text, reason: text, list: [{ text }, text], operation: text })),
  'a logged error': (text) => logged((logger) => logger.error(failed(text))),
  "an error logged by Nest's logger": (text) => logged((logger) => nestLogger(logger).error(failed(text))),
};

const parsed = (text: string): unknown =>
  JSON.parse(text.split('\n').findLast((line) => line !== '') ?? '""');
/** The texts in an output, as whoever reads it can make them out. */
function readable(output: unknown): string {
  const value = typeof output === 'string' ? parsed(output) : output;
  const texts: string[] = [];
  JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'string') texts.push(part);
    return part;
  });
  return readableText(texts.join('\u0001')).toLowerCase();
}

function leaks(output: unknown, { core }: Canary): boolean {
  const text = readable(output);
  if (!/^\d+$/.test(core)) return text.includes(core);
  return text.split('\u0001').some((part) => part.replace(/\D/g, '').includes(core));
}

describe.each([...canaries()])('%s', (_, spellings) => {
  it('has more than 300 spellings', () => {
    expect(new Set(spellings.map(({ spelled }) => spelled)).size).toBeGreaterThan(300);
  });

  it.each(Object.entries(WAYS_OUT))('does not get out in %s', (_way, show) => {
    const found = spellings.filter((canary) => leaks(show(canary.spelled), canary));
    expect(found.slice(0, 5)).toEqual([]);
  });

  it('does not get out in an audit line', async () => {
    const file = join(folder, `${Math.random()}.jsonl`);
    const log = new AuditLog(pino({ level: 'silent' }), new Metrics(), {
      file,
      required: true,
      silent: true,
    });
    await Promise.all(
      spellings.map(({ spelled }) =>
        log.outcome({ outcome: 'x', detail: spelled, members: [{ number: spelled }] }),
      ),
    );
    await log.onApplicationShutdown();
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(spellings.length);
    expect(lines.filter((line, index) => leaks(line, spellings[index] as Canary)).slice(0, 5)).toEqual([]);
  });
});
