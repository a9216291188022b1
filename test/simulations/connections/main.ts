import { parseArgs } from 'node:util';
import { runToExitCode } from '../../support/run-to-exit-code.js';
import { type HalfOpenResult, halfOpen } from './half-open.js';
import { NormalClients } from './normal-clients.js';
import { MODES, type SlowResult, slowHttpTest } from './slowhttptest.js';
import { startGateway } from './gateway.js';

interface Options {
  /** Reported if the run itself fails; nothing here is random. */
  readonly seed: number;
  /** The file for the results as JSON. */
  readonly json: string | undefined;
  readonly count: number;
  readonly seconds: number;
}

interface Report {
  readonly halfOpen: HalfOpenResult;
  readonly modes: readonly SlowResult[];
}

await runToExitCode<Options, Report>({
  usage: `npm run test:connections -- [--count 1000] [--seconds 30] [--json FILE]
Holds COUNT half-open connections, then runs the modes of slowhttptest for SECONDS each, against a gateway on loopback.
`,
  readOptions(args) {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({ args: [...args], options: { count: text, seconds: text, json: text } });
    return {
      seed: 0,
      json: values.json,
      count: Number(values.count ?? 1_000),
      seconds: Number(values.seconds ?? 30),
    };
  },
  asText: ({ halfOpen: held, modes }) =>
    [
      `${held.count} half-open connections (a third each silent, with half a header, with half a body):`,
      `  descriptors ${held.before} before, ${held.peak} at most, ${held.after} at the end`,
      `  headers freed after ${held.headersFreedMs} ms, bodies after ${held.bodiesFreedMs} ms`,
      `  normal requests meanwhile: ${held.normal.served} served, ${held.normal.failed} failed, p99 ${held.normal.p99Ms} ms`,
      ...modes.map(
        ({ mode, available, unavailable, normal }) =>
          `slowhttptest ${mode}: service available in ${available} of ${available + unavailable} reports; ` +
          `normal requests: ${normal.served} served, ${normal.failed} failed, p99 ${normal.p99Ms} ms`,
      ),
      '',
    ].join('\n'),
  kept: ({ halfOpen: held, modes }) =>
    held.kept &&
    modes.every(({ unavailable, available, normal }) => available > 0 && unavailable + normal.failed === 0),
  async run({ count, seconds }) {
    const gateway = await startGateway();
    try {
      const held = await halfOpen(gateway, count);
      const modes: SlowResult[] = [];
      for (const mode of MODES) {
        const clients = new NormalClients(gateway.url);
        const { available, unavailable } = await slowHttpTest(mode, gateway.url, { count, seconds });
        modes.push({ mode: mode.name, available, unavailable, normal: await clients.stop() });
      }
      return { halfOpen: held, modes };
    } finally {
      await gateway.close();
    }
  },
});
