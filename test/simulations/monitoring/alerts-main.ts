import { parseArgs } from 'node:util';
import { runToExitCode } from '../../support/run-to-exit-code.js';
import { type AlertsReport, fireAlerts } from './alerts.js';

interface Options {
  /** Nothing here is random. */
  readonly seed: number;
  readonly json: string | undefined;
  readonly only: string | undefined;
}

await runToExitCode<Options, AlertsReport>({
  usage: `npm run test:alerts -- [--only ALERT] [--json FILE]
Causes the fault of each alert with two or three gateways, and waits until Prometheus says that the alert fires. The thresholds are those of
deploy/prometheus/rules.yml; its periods of minutes are shortened to seconds.
`,
  readOptions(args) {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({ args: [...args], options: { json: text, only: text } });
    return { seed: 0, json: values.json, only: values.only };
  },
  run: ({ only }, stop) => fireAlerts(only, stop),
  asText: ({ fired, forgotten }) =>
    [
      ...fired.map(({ alert, what, afterMs }) =>
        [
          alert.padEnd(27),
          afterMs === undefined ? 'NOT FIRED' : `${(afterMs / 1_000).toFixed(1)} s`,
          what,
        ].join('  '),
      ),
      ...forgotten.map((alert) => `${alert.padEnd(27)}  FORGOTTEN`),
    ].join('\n'),
  kept: ({ fired, forgotten }) =>
    fired.length > 0 && forgotten.length === 0 && fired.every(({ afterMs }) => afterMs !== undefined),
});
