import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { BuildCopy } from './coherence/build-copy.js';
import { STEPS } from './coherence/broken-steps.js';
import type { Report } from './coherence/report.js';

/** Several processes start and stop, which takes several times as long on a busy machine. */
const SLOW_MS = 180_000;

const folder = mkdtempSync(join(tmpdir(), 'coherence-report-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs `npm run test:coherence` against the current build. */
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

describe('replicas that share one Redis under faults', () => {
  it(
    'keep every promise under faults of every kind',
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
    'serve stale pages if writes start no new generation, and the run detects them',
    async () => {
      const { code, report } = await run('--seconds', '60', '--replicas', '2', '--break', 'bumps');
      expect(report.stale).toBeGreaterThan(0);
      expect(report.lost).toBe(0);
      expect(code).toBe(1);
    },
    SLOW_MS,
  );

  it.each(Object.keys(STEPS))('have a build in which the step %s can be disabled', (step) => {
    const copy = new BuildCopy(step);
    copy.remove();
  });
});
