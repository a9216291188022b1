import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync, mkdirSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import { GatewayError } from '../errors/gateway-error.js';
import { AuditLog, type AuditLogOptions, auditOptions } from './audit-log.js';
import { Metrics } from './metrics.js';

type Line = Readonly<Record<string, unknown>>;

let folder: string;
let path: string;
/** Lines on standard output. */
let output: Line[];
let metrics: Metrics;
const logs: AuditLog[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-'));
  path = join(folder, 'audit.log');
  output = [];
});
afterEach(async () => {
  jest.restoreAllMocks();
  jest.useRealTimers();
  await Promise.all(logs.splice(0).map(async (log) => log.onApplicationShutdown()));
  rmSync(folder, { recursive: true });
});

function auditLog(options: Partial<AuditLogOptions> = {}, level = 'info'): AuditLog {
  metrics = new Metrics();
  const logger = pino(
    { level, base: null },
    { write: (line: string) => void output.push(JSON.parse(line) as Line) },
  );
  const log = new AuditLog(logger, metrics, { file: path, required: false, silent: false, ...options });
  logs.push(log);
  return log;
}

function kept(file = path): Line[] {
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

async function failures(): Promise<unknown> {
  const { values } = await metrics.auditFailures.get();
  const counted = values.filter(({ value }) => value > 0);
  return Object.fromEntries(counted.map(({ labels, value }) => [labels.event, value]));
}

/** Replaces `sync` of all file handles in this process. */
async function whenSynced(sync: () => Promise<void>): Promise<void> {
  const handle = await open(folder, 'r');
  const handles = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  jest.spyOn(handles, 'sync').mockImplementation(sync);
}

async function refusal(attempt: Promise<void>): Promise<unknown> {
  return attempt.catch((error: unknown) => error instanceof GatewayError && error.code);
}

describe('an audit line', () => {
  it('is written to standard output and to the file', async () => {
    const log = auditLog();
    await log.attempt({ write: '1', tenant: 'acme' });
    await log.outcome({ write: '1', outcome: 'SUCCEEDED' });
    const lines = [
      { log: 'audit', event: 'attempt', write: '1', tenant: 'acme' },
      { log: 'audit', event: 'outcome', write: '1', outcome: 'SUCCEEDED' },
    ];
    expect(output).toMatchObject(lines);
    expect(kept()).toMatchObject(lines);
    for (const { time, level } of kept()) {
      expect(level).toBe('info');
      expect(new Date(String(time)).toISOString()).toBe(time);
    }
  });

  it.each(['fatal', 'silent'])('is written to standard output even if the log level is %s', async (level) => {
    await auditLog({ file: null }, level).attempt({ write: '1' });
    expect(output).toMatchObject([{ event: 'attempt', write: '1' }]);
  });

  it('is written only to the file if standard output is silenced', async () => {
    await auditLog({ silent: true }).attempt({ write: '1' });
    expect(output).toEqual([]);
    expect(kept()).toMatchObject([{ write: '1' }]);
  });

  it.each([
    ['silent', false, true],
    ['silent', true, false],
    ['fatal', false, false],
  ] as const)('with LOG_LEVEL=%s and production=%s has silent=%s', (logLevel, production, silent) => {
    const audit = { file: null, required: false };
    expect(auditOptions({ audit, logLevel, production })).toEqual({ ...audit, silent });
  });
});

describe('the audit file', () => {
  it('is synced to disk before the write proceeds', async () => {
    const synced: string[] = [];
    const log = auditLog();
    await whenSynced(async () => void synced.push(readFileSync(path, 'utf8')));
    await log.attempt({ write: '1' });
    expect(synced.at(-1)).toContain('"write":"1"');
  });

  it('keeps concurrent lines complete and in order, with few syncs', async () => {
    const log = auditLog();
    await log.attempt({ write: 'first' });
    let syncs = 0;
    await whenSynced(async () => void (syncs += 1));
    const writes = Array.from({ length: 200 }, (_, index) => String(index));
    await Promise.all(writes.map(async (write) => log.attempt({ write, filling: 'x'.repeat(1_000) })));
    expect(kept().map(({ write }) => write)).toEqual(['first', ...writes]);
    expect(syncs).toBe(2);
  });

  it('is appended to, and only its owner can access a new file', async () => {
    await auditLog().attempt({ write: '1' });
    await auditLog().attempt({ write: '2' });
    expect(kept().map(({ write }) => write)).toEqual(['1', '2']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['renamed', () => renameSync(path, `${path}.1`)],
    ['removed', () => rmSync(path)],
    [
      'replaced',
      () => {
        renameSync(path, `${path}.1`);
        writeFileSync(path, '');
      },
    ],
  ])('is created again after it was %s', async (_, rotate) => {
    const log = auditLog();
    await log.attempt({ write: '1' });
    rotate();
    await log.outcome({ write: '1' });
    await log.attempt({ write: '2' });
    expect(kept()).toMatchObject([
      { event: 'outcome', write: '1' },
      { event: 'attempt', write: '2' },
    ]);
  });

  it('tolerates a line truncated by a crash', async () => {
    writeFileSync(path, '{"write":"1"}\n{"write":"2');
    const log = auditLog();
    await log.attempt({ write: '3' });
    await log.attempt({ write: '4' });
    const [first, torn, third, fourth, ...rest] = readFileSync(path, 'utf8').split('\n');
    expect([first, torn, rest]).toEqual(['{"write":"1"}', '{"write":"2', ['']]);
    expect([third, fourth].map((line) => (JSON.parse(line ?? '') as Line)['write'])).toEqual(['3', '4']);
  });

  it('receives pending lines on shutdown', async () => {
    const log = auditLog();
    void log.attempt({ write: '1' });
    void log.attempt({ write: '2' });
    await log.onApplicationShutdown();
    expect(kept().map(({ write }) => write)).toEqual(['1', '2']);
  });
});

describe('an audit file that cannot be written', () => {
  beforeEach(() => {
    path = join(folder, 'missing', 'audit.log');
  });

  it('rejects a write if the audit is required', async () => {
    const log = auditLog({ required: true });
    expect(await refusal(log.attempt({ write: '1' }))).toBe('STATE_UNAVAILABLE');
    await log.outcome({ write: '1', outcome: 'STATE_UNAVAILABLE' });
    expect(output).toMatchObject([{ event: 'attempt' }, { level: 50 }, { event: 'outcome' }]);
  });

  it('rejects a write if the disk did not confirm the line', async () => {
    path = join(folder, 'audit.log');
    const log = auditLog({ required: true });
    await whenSynced(async () => Promise.reject(new Error('EIO')));
    expect(await refusal(log.attempt({ write: '1' }))).toBe('STATE_UNAVAILABLE');
  });

  it('rejects no write if the audit is optional, counts failures and logs them once a minute', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    const log = auditLog();
    for (const write of ['1', '2', '3']) await log.attempt({ write });
    await log.outcome({ write: '1' });
    const complaints = (): Line[] => output.filter(({ level }) => level === 50);
    expect(complaints()).toMatchObject([{ lines: 1, reason: expect.stringContaining('ENOENT') }]);
    jest.advanceTimersByTime(60_000);
    await log.outcome({ write: '2' });
    expect(complaints()).toMatchObject([{ lines: 1 }, { lines: 4 }]);
    expect(await failures()).toEqual({ attempt: 3, outcome: 2 });
  });

  it('is written again as soon as it is writable', async () => {
    const log = auditLog({ required: true });
    expect(await refusal(log.attempt({ write: '1' }))).toBe('STATE_UNAVAILABLE');
    mkdirSync(join(folder, 'missing'));
    await log.attempt({ write: '2' });
    expect(kept().map(({ write }) => write)).toEqual(['2']);
  });
});
