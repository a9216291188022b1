import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync, mkdirSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { GatewayError } from '../errors/gateway-error.js';
import { AuditLog, type AuditLogOptions, auditOptions } from './audit-log.js';

type Line = Readonly<Record<string, unknown>>;

let folder: string;
let path: string;
/** Lines on standard output. */
let output: Line[];
let registry: Registry;
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
  registry = new Registry();
  const logger = pino(
    { level, base: null },
    { write: (line: string) => void output.push(JSON.parse(line) as Line) },
  );
  const log = new AuditLog(logger, registry, { file: path, required: false, silent: false, ...options });
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
  const [metric] = await registry.getMetricsAsJSON();
  return Object.fromEntries(metric?.values.map(({ labels, value }) => [labels['event'], value]) ?? []);
}

/** What every open file of this process does when it is asked to sync. */
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
  it('goes to standard output and to the file', async () => {
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

  it.each(['fatal', 'silent'])('is on standard output although the log level is %s', async (level) => {
    await auditLog({ file: null }, level).attempt({ write: '1' });
    expect(output).toMatchObject([{ event: 'attempt', write: '1' }]);
  });

  it('is in the file alone where standard output must stay silent', async () => {
    await auditLog({ silent: true }).attempt({ write: '1' });
    expect(output).toEqual([]);
    expect(kept()).toMatchObject([{ write: '1' }]);
  });

  it.each([
    ['silent', false, true],
    ['silent', true, false],
    ['fatal', false, false],
  ] as const)('with LOG_LEVEL=%s and production %s stays silent: %s', (logLevel, production, silent) => {
    const audit = { file: null, required: false };
    expect(auditOptions({ audit, logLevel, production })).toEqual({ ...audit, silent });
  });
});

describe('the audit file', () => {
  it('is on disk before the write goes on', async () => {
    const synced: string[] = [];
    const log = auditLog();
    await whenSynced(async () => void synced.push(readFileSync(path, 'utf8')));
    await log.attempt({ write: '1' });
    expect(synced.at(-1)).toContain('"write":"1"');
  });

  it('has every line whole and in order when many come at once, with few syncs', async () => {
    const log = auditLog();
    await log.attempt({ write: 'first' });
    let syncs = 0;
    await whenSynced(async () => void (syncs += 1));
    const writes = Array.from({ length: 200 }, (_, index) => String(index));
    await Promise.all(writes.map(async (write) => log.attempt({ write, filling: 'x'.repeat(1_000) })));
    expect(kept().map(({ write }) => write)).toEqual(['first', ...writes]);
    expect(syncs).toBe(2);
  });

  it('keeps what is there, and is for its owner alone when it is new', async () => {
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
  ])('is made anew when it was %s', async (_, rotate) => {
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

  it('is not confused by a line that a crash cut off', async () => {
    writeFileSync(path, '{"write":"1"}\n{"write":"2');
    const log = auditLog();
    await log.attempt({ write: '3' });
    await log.attempt({ write: '4' });
    const [first, torn, third, fourth, ...rest] = readFileSync(path, 'utf8').split('\n');
    expect([first, torn, rest]).toEqual(['{"write":"1"}', '{"write":"2', ['']]);
    expect([third, fourth].map((line) => (JSON.parse(line ?? '') as Line)['write'])).toEqual(['3', '4']);
  });

  it('has the lines that were on their way when the process is told to stop', async () => {
    const log = auditLog();
    void log.attempt({ write: '1' });
    void log.attempt({ write: '2' });
    await log.onApplicationShutdown();
    expect(kept().map(({ write }) => write)).toEqual(['1', '2']);
  });
});

describe('a file that cannot be written', () => {
  beforeEach(() => {
    path = join(folder, 'missing', 'audit.log');
  });

  it('stops a write where the audit is required', async () => {
    const log = auditLog({ required: true });
    expect(await refusal(log.attempt({ write: '1' }))).toBe('STATE_UNAVAILABLE');
    await log.outcome({ write: '1', outcome: 'STATE_UNAVAILABLE' });
    expect(output).toMatchObject([{ event: 'attempt' }, { level: 50 }, { event: 'outcome' }]);
  });

  it('stops a write when the disk did not confirm the line', async () => {
    path = join(folder, 'audit.log');
    const log = auditLog({ required: true });
    await whenSynced(async () => Promise.reject(new Error('EIO')));
    expect(await refusal(log.attempt({ write: '1' }))).toBe('STATE_UNAVAILABLE');
  });

  it('stops nothing where it is not, is counted, and told once a minute', async () => {
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

  it('is written again as soon as it can be', async () => {
    const log = auditLog({ required: true });
    expect(await refusal(log.attempt({ write: '1' }))).toBe('STATE_UNAVAILABLE');
    mkdirSync(join(folder, 'missing'));
    await log.attempt({ write: '2' });
    expect(kept().map(({ write }) => write)).toEqual(['2']);
  });
});
