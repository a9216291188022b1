import { runToExitCode } from '../../support/run-to-exit-code.js';
import { closeConnections } from './http.js';
import { readOptions, USAGE } from './options.js';
import { asText, kept } from './report.js';
import { simulate } from './simulation.js';
import { startStage } from './stage.js';

await runToExitCode({
  usage: USAGE,
  readOptions,
  asText,
  kept,
  async run(options, stop) {
    const stage = await startStage(options);
    try {
      return await simulate(options, stage, stop);
    } finally {
      closeConnections();
      await stage.close();
    }
  },
});
