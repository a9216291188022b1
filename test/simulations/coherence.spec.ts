import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { BuildCopy } from './coherence/build-copy.js';
import { STEPS } from './coherence/broken-steps.js';
import type { Report } from './coherence/report.js';

/** Several processes start and end; a loaded machine takes a multiple of the time. */
const SLOW_MS = 180_000;

const folder = mkdtempSync(join(tmpdir(), 'coherence-report-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The run of `npm run test:coherence`, against the present build. */
async function run(...options: readonly string[]): Promise<{ code: number; output: string; report: Report }> {
  const json = join(folder, 'report.json');
  const words = [
    '--import',
    './scripts/typescript.mjs',
    'test/simulations/coherence/main.ts',
    '--json',
    json,
    ...options,
  ];
  const { code, output } = await new Promise<{ code: number; output: string }>((resolve) => {
    execFile(process.execPath, words, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr }),
    );
  });
  if (code > 1) throw new Error(output);
  return { code, output, report: JSON.parse(readFileSync(json, 'utf8')) as Report };
}

describe('replicas that share a Redis, while everything fails', () => {
  it(
    'keep every promise, with faults of every kind',
    async () => {
      const { code, output, report } = await run('--seconds', '15', '--replicas', '3', '--seed', '7');
      const { stale, lost, phantoms, missing, failures, examples } = report;
      expect({ stale, lost, phantoms, missing, failures, examples }).toEqual({
        stale: 0,
        lost: 0,
        phantoms: 0,
        missing: 0,
        failures: [],
        examples: [],
      });
      expect(code).toBe(0);
      expect(output).toContain('seed 7, 3 replicas');
      expect(Object.entries(report.faultsByKind).filter(([, count]) => count === 0)).toEqual([]);
      expect(report.hits).toBeGreaterThan(0);
      expect(report.readsSoonAfterCoherent).toBeGreaterThan(0);
      expect(report.writes.coherent).toBeGreaterThan(0);
    },
    SLOW_MS,
  );

  it(
    'serve stale pages without a new generation for each write, and the run finds them',
    async () => {
      const { code, report } = await run('--seconds', '60', '--replicas', '2', '--break', 'bumps');
      expect(report.stale).toBeGreaterThan(0);
      expect(report.lost).toBe(0);
      expect(code).toBe(1);
    },
    SLOW_MS,
  );

  it.each(Object.keys(STEPS))('have the step %s where it can be switched off', (step) => {
    const copy = new BuildCopy(step);
    copy.remove();
  });
});
