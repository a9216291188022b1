import { runToExitCode } from '../../support/run-to-exit-code.js';
import { startStage } from '../fuzz/stage.js';
import { breakStep } from '../broken-build.js';
import { STEPS } from './broken-steps.js';
import { runWindows } from './isolation.js';
import { readOptions, USAGE } from './options.js';
import { asText, kept, report } from './report.js';
import { GATEWAY_SETTINGS, TENANTS } from './settings.js';

await runToExitCode({
  usage: USAGE,
  readOptions,
  asText,
  kept,
  async run(options, stop) {
    const { broken } = options;
    const stage = await startStage(TENANTS, GATEWAY_SETTINGS, {
      onLine: () => undefined,
      change: (dist) => {
        if (broken !== undefined) breakStep(STEPS, dist, broken);
      },
    });
    try {
      const startedAtMs = performance.now();
      const tally = await runWindows(options, stage, stop);
      return report(options, tally, (performance.now() - startedAtMs) / 1_000);
    } finally {
      await stage.close();
    }
  },
});
