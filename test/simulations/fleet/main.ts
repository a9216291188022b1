import { parseArgs } from 'node:util';
import { runToExitCode } from '../../support/run-to-exit-code.js';
import { type RateResult, rateOfFleet } from './rate.js';
import { BEHIND_HAPROXY, BEHIND_NGINX, type ReplacementResult, replaceGateways } from './replacement.js';

interface Options {
  /** Reported if the run itself fails; nothing here is random. */
  readonly seed: number;
  readonly json: string | undefined;
  readonly seconds: number;
  readonly qps: number;
  readonly replacements: number;
}

interface Report {
  readonly rate: RateResult;
  readonly haproxy: ReplacementResult;
  readonly nginx: ReplacementResult;
}

/** Part of the rate by which arrivals may exceed it in a second, since they are counted behind a network. */
const EXCESS = 0.1;
/** Part of the rate that must be used while everything works. */
const USED = 0.9;
const RATIO = 3;
const RATIO_SPREAD = 0.1;

function isKept({ qps, phases }: RateResult): boolean {
  return phases.every(({ name, most, perSecond, ratio }) => {
    if (most > qps * (1 + EXCESS)) return false;
    // Alone, a replica knows neither what others leave of the rate nor their tenants.
    if (name.startsWith('without')) return true;
    return perSecond >= qps * USED && Math.abs(ratio / RATIO - 1) <= RATIO_SPREAD;
  });
}

await runToExitCode<Options, Report>({
  usage: `npm run test:fleet -- [--seconds 60] [--qps 60] [--replacements 12] [--json FILE]
Floods three gateways that share an account, kills one, adds one, and takes their state Redis away for 20 s. Counts what arrives
at the sandbox. Then replaces gateways behind HAProxy, and behind nginx, under load.
`,
  readOptions(args) {
    const text = { type: 'string' } as const;
    const options = { seconds: text, qps: text, replacements: text, json: text };
    const { values } = parseArgs({ args: [...args], options });
    return {
      seed: 0,
      json: values.json,
      seconds: Number(values.seconds ?? 60),
      qps: Number(values.qps ?? 60),
      replacements: Number(values.replacements ?? 12),
    };
  },
  run: async ({ qps, seconds, replacements }) => ({
    rate: await rateOfFleet(qps, seconds),
    haproxy: await replaceGateways(replacements, BEHIND_HAPROXY),
    nginx: await replaceGateways(replacements, BEHIND_NGINX),
  }),
  asText: ({ rate: { qps, phases, statuses }, ...replaced }) =>
    [
      `CAMS_QPS=${qps}, weights 1 and 3`,
      ...phases.map(
        ({ name, seconds, perSecond, most, ratio }) =>
          `  ${name.padEnd(24)} ${seconds.toFixed(0).padStart(3)} s: ${perSecond.toFixed(1)} calls a second, at most ${most} in any second, ratio 1 : ${ratio.toFixed(2)}`,
      ),
      `  responses ${JSON.stringify(statuses)}`,
      ...Object.entries(replaced).map(
        ([balancer, { replacements, reads, writes, failed }]) =>
          `${replacements} replacements behind ${balancer}: ${reads} reads, ${writes} writes, failed ${JSON.stringify(failed)}`,
      ),
    ].join('\n'),
  kept: ({ rate, haproxy, nginx }) =>
    isKept(rate) && [haproxy, nginx].every(({ failed }) => Object.keys(failed).length === 0),
});
