import { MAIN_SCOPES } from '../data/scopes.js';
import { type Load, closedLoop } from '../load/closed-loop.js';
import { paced } from '../load/paced.js';
import type { Effort } from '../run/rounds.js';
import { Environment } from '../servers/environment.js';
import type { Run } from '../servers/run.js';
import { startServer } from '../servers/start-server.js';
import { median } from '../statistics/quantile.js';
import { GRAPHQL_LIST, list } from './graphql-lists.js';
import type { SingleFigures } from './single-figures.js';
import { inTurn } from './workload.js';

/** Long, because code that is not yet compiled shows up in the p99 first. */
const WARM_UP_SECONDS = 8;

/**
 * The p99 of GraphQL lists while the gateway gets half of its peak load. Mercurius gets the same rate, which shows how much
 * of the latency comes from the sender and the machine.
 */
export async function halfPeak(run: Run, effort: Effort): Promise<SingleFigures> {
  const gateway = await onWarmServer(run, effort, 'gateway', async (load) => {
    const peak = await closedLoop({ ...load, until: { seconds: effort.seconds } });
    const perSecond = peak.perSecond / 2;
    return { perSecond, p99: await p99At(load, perSecond, effort) };
  });
  const { perSecond } = gateway;
  const mercurius = await onWarmServer(run, effort, 'mercurius', (load) => p99At(load, perSecond, effort));
  return {
    figures: [
      {
        name: 'half-peak-p99',
        title: `GraphQL list of 20 at half of the peak (${Math.round(perSecond)}/s, evenly spaced), p99`,
        value: gateway.p99,
        unit: 'ms',
        target: 10,
      },
      {
        name: 'half-peak-p99-mercurius',
        title: 'the same for Mercurius',
        value: mercurius,
        unit: 'ms',
        target: null,
      },
    ],
  };
}

type PacedLoad = Omit<Load, 'until'>;

async function onWarmServer<T>(
  run: Run,
  { connections }: Effort,
  name: 'gateway' | 'mercurius',
  measure: (load: PacedLoad) => Promise<T>,
): Promise<T> {
  const environment = await Environment.prepare(run);
  try {
    const { process } = await startServer(name, environment);
    const load = {
      url: process.url,
      connections,
      requests: inTurn(MAIN_SCOPES.map((scope) => list(environment.tokens, scope, 20))),
      status: GRAPHQL_LIST.status,
      accepts: GRAPHQL_LIST.accepts,
    };
    await closedLoop({ ...load, until: { seconds: WARM_UP_SECONDS } });
    return await measure(load);
  } finally {
    await environment.close();
  }
}

async function p99At(load: PacedLoad, perSecond: number, { rounds, seconds }: Effort): Promise<number> {
  // An even pace runs other code paths than full speed.
  await paced(load, perSecond, WARM_UP_SECONDS);
  const p99: number[] = [];
  for (let round = 1; round <= rounds; round += 1) p99.push((await paced(load, perSecond, seconds)).p99);
  return median(p99);
}
