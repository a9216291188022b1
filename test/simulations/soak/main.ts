import { runToExitCode } from '../../support/run-to-exit-code.js';
import { Judgement } from './judgement.js';
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
    const judgement = new Judgement();
    const stage = await startStage(options.leak, (replica, line) => judgement.line(replica, line));
    try {
      return await simulate(options, stage, judgement, stop);
    } finally {
      await stage.close();
    }
  },
});
