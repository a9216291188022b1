import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Results } from '../../bench/report/results.js';
import { eventually } from '../support/eventually.js';

/** The gateway's Redis must have been up for half a minute before the servers start. */
const SLOW_MS = 180_000;

describe('npm run bench', () => {
  let folder: string;
  let bench: ChildProcess | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bench-run-'));
  });
  afterEach(() => {
    bench?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  /**
   * Lists the files left behind, except for the TypeScript compiler, which unpacks itself there, and Node's compile
   * cache.
   */
  const leftBehind = (): string[] =>
    readdirSync(folder).filter((name) => !/^swc-native|^node-compile-cache/.test(name));

  /** Starts the benchmark with its own folder for temporary files. */
  function start(...options: readonly string[]) {
    const args = ['--import', './scripts/typescript.mjs', 'bench/main.ts', ...options];
    const child = spawn(process.execPath, args, {
      env: { PATH: process.env['PATH'], TMPDIR: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    bench = child;
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const code = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { child, code, output: () => output };
  }

  it(
    'measures a workload with another build, prints the results, and leaves nothing behind',
    async () => {
      const json = join(folder, 'results.json');
      const { code, output } = start(
        '--only',
        'rest-list',
        '--against',
        '.',
        '--rounds',
        '1',
        '--seconds',
        '1',
        '--json',
        json,
      );
      // One round shows no spread, so neither build can win on this machine, however fast it is.
      expect(await code).toBe(0);
      const { rows, figures, comparisons } = JSON.parse(readFileSync(json, 'utf8')) as Results;
      expect(rows.map(({ server }) => server)).toEqual([
        'gateway',
        'against',
        'stock',
        'fastify',
        'node:http',
      ]);
      for (const { perSecond, p50, cpuMsPer1000, residentMb, bodyBytes } of rows)
        expect(Math.min(perSecond, p50, cpuMsPer1000, residentMb, bodyBytes)).toBeGreaterThan(0);
      expect(figures.map(({ name }) => name)).toEqual(['rest-list/stock', 'rest-list/fastify']);
      expect(output()).toMatch(/\| REST list of 20 groups: gateway ÷ fastify \| +[\d.]+ × \| +≥ 0.8 × \|/);
      expect(comparisons.map(({ name }) => name)).toEqual(['rest-list/requests', 'rest-list/cpu']);
      expect(output()).toMatch(
        /\| REST list of 20 groups: CPU time \|( +[\d.–]+( ×)? +\|){3} +unclear: too few rounds \|/,
      );
      expect(leftBehind()).toEqual(['results.json']);
    },
    SLOW_MS,
  );

  it(
    'stops everything it started when it receives SIGTERM',
    async () => {
      const { child, code } = start('--only', 'start');
      // Redis starts first, and then the environment with the sandbox.
      await eventually(
        async () => readdirSync(folder).some((name) => name.startsWith('gateway-bench')) || undefined,
      );
      child.kill('SIGTERM');
      expect(await code).toBe(2);
      expect(leftBehind()).toEqual([]);
    },
    SLOW_MS,
  );
});
