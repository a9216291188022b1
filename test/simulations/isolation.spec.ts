import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { STEPS } from './isolation/broken-steps.js';
import type { Report } from './isolation/report.js';

/** Several processes start and stop, which takes several times as long on a busy machine. */
const SLOW_MS = 180_000;

const folder = mkdtempSync(join(tmpdir(), 'isolation-report-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs `npm run test:isolation` against the current build. */
async function run(...options: readonly string[]): Promise<{ code: number; report: Report }> {
  const json = join(folder, 'report.json');
  const file = 'test/simulations/isolation/main.ts';
  const words = ['--import', './scripts/typescript.mjs', file, '--json', json, ...options];
  const { code, output } = await new Promise<{ code: number; output: string }>((resolve) => {
    execFile(process.execPath, words, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr }),
    );
  });
  if (code > 1) throw new Error(output);
  return { code, report: JSON.parse(readFileSync(json, 'utf8')) as Report };
}

describe('three tenants that send generated requests', () => {
  it(
    'see nothing of each other, and cause no calls that name the resources of others',
    async () => {
      const { code, report } = await run('--requests', '3000', '--seed', '3');
      const { findings, failures } = report;
      expect({ findings, failures }).toEqual({ findings: {}, failures: [] });
      expect(code).toBe(0);
      expect(report.trials).toEqual({
        own: expect.any(Number),
        pair: expect.any(Number),
        replay: expect.any(Number),
      });
      expect(report.calls).toBeGreaterThan(0);
    },
    SLOW_MS,
  );

  it.each(Object.keys(STEPS))(
    'are not isolated without the check of %s, and the run detects it',
    async (step) => {
      const { code, report } = await run('--requests', '3000', '--break', step);
      expect(Object.keys(report.findings).length).toBeGreaterThan(0);
      expect(code).toBe(1);
    },
    SLOW_MS,
  );
});
