import { runToExitCode } from '../../support/run-to-exit-code.js';
import { Canaries } from './checks/canaries.js';
import { Findings } from './checks/findings.js';
import { LogLines } from './checks/log-lines.js';
import { Fuzz } from './fuzz.js';
import { readOptions, USAGE } from './options.js';
import { Reducer } from './reduce.js';
import { asText, kept, report } from './report.js';
import { ALL_TENANTS, GATEWAY_SETTINGS } from './settings.js';
import { startStage } from './stage.js';

await runToExitCode({
  usage: USAGE,
  readOptions,
  asText,
  kept,
  async run(options, stop) {
    const canaries = new Canaries(ALL_TENANTS);
    const findings = new Findings();
    let phase = (): string => 'start';
    const logs = new LogLines(canaries, (breach, gateway) =>
      findings.add(breach, { phase: phase(), gateway, request: undefined }),
    );
    const stage = await startStage(ALL_TENANTS, GATEWAY_SETTINGS, {
      onLine: (gateway, line) => logs.read(gateway, line),
    });
    try {
      const fuzz = new Fuzz(options, stage, { findings, logs, canaries });
      phase = () => fuzz.phase;
      const seconds = await fuzz.run(stop);
      const reducer = new Reducer(stage, canaries);
      for (const finding of findings.all) await reducer.reduce(finding);
      return report(options, fuzz.tally, {
        seconds,
        logLines: logs.lines,
        upstreamCalls: stage.upstream.calls,
        findings: findings.all,
      });
    } finally {
      await stage.close();
    }
  },
});
