import { parseArgs } from 'node:util';
import { runToExitCode } from '../../support/run-to-exit-code.js';
import { reconcile, type ReconcileOptions, type ReconcileReport } from './reconcile.js';

await runToExitCode<ReconcileOptions, ReconcileReport>({
  usage: `npm run test:metrics -- [--minutes 10] [--seed 1] [--rate 40] [--json FILE]
Two gateways serve mixed load under repeated faults. Then compares their metrics with their log lines, to the request, and
with the log of the sandbox, to the call.
`,
  readOptions(args) {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({
      args: [...args],
      options: { minutes: text, seed: text, rate: text, json: text },
    });
    return {
      durationMs: Number(values.minutes ?? 10) * 60_000,
      seed: Number(values.seed ?? 1),
      rate: Number(values.rate ?? 40),
      json: values.json,
    };
  },
  run: reconcile,
  asText: ({ requests, errors, calls, abandoned, differences }) =>
    [
      `requests ${requests}, errors ${errors}, calls ${calls}, of which abandoned ${abandoned}`,
      ...differences.map(({ what, measured, logged }) => `${what}: measured ${measured}, logged ${logged}`),
      `${differences.length} differences`,
    ].join('\n'),
  kept: ({ requests, calls, differences }) => requests > 0 && calls > 0 && differences.length === 0,
});
