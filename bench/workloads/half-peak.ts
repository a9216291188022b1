import { MAIN_SCOPES } from '../data/scopes.js';
import { type Load, closedLoop } from '../load/closed-loop.js';
import { paced } from '../load/paced.js';
import type { Figure } from '../report/figure.js';
import type { Effort } from '../run/rounds.js';
import { Ground } from '../servers/ground.js';
import type { Site } from '../servers/site.js';
import { startServer } from '../servers/start.js';
import { median } from '../statistics/quantile.js';
import { GRAPHQL_LIST, list } from './graphql-lists.js';
import { inTurn } from './workload.js';

/** Long, since the slowest of a hundred are the first to meet code that is not compiled yet. */
const WARM_UP_SECONDS = 8;

/**
 * How long the slowest of a hundred lists takes while the gateway gets half of what it can take; and of Mercurius, which
 * is sent as many, so that it shows what of it is the sender's and the machine's.
 */
export async function halfPeak(site: Site, effort: Effort): Promise<Figure[]> {
  const gateway = await onWarmServer(site, effort, 'gateway', async (load) => {
    const peak = await closedLoop({ ...load, until: { seconds: effort.seconds } });
    const perSecond = peak.perSecond / 2;
    return { perSecond, p99: await p99At(load, perSecond, effort) };
  });
  const { perSecond } = gateway;
  const mercurius = await onWarmServer(site, effort, 'mercurius', (load) => p99At(load, perSecond, effort));
  return [
    {
      name: 'half-peak-p99',
      title: `GraphQL list of 20 at half of the peak (${Math.round(perSecond)}/s, evenly spaced), p99`,
      value: gateway.p99,
      unit: 'ms',
      target: 10,
    },
    {
      name: 'half-peak-p99-mercurius',
      title: 'the same of Mercurius',
      value: mercurius,
      unit: 'ms',
      target: null,
    },
  ];
}

type PacedLoad = Omit<Load, 'until'>;

async function onWarmServer<T>(
  site: Site,
  { connections }: Effort,
  name: 'gateway' | 'mercurius',
  measure: (load: PacedLoad) => Promise<T>,
): Promise<T> {
  const ground = await Ground.prepare(site);
  try {
    const { process } = await startServer(name, ground);
    const load = {
      url: process.url,
      connections,
      requests: inTurn(MAIN_SCOPES.map((scope) => list(ground.tokens, scope, 20))),
      status: GRAPHQL_LIST.status,
      accepts: GRAPHQL_LIST.accepts,
    };
    await closedLoop({ ...load, until: { seconds: WARM_UP_SECONDS } });
    return await measure(load);
  } finally {
    await ground.close();
  }
}

async function p99At(load: PacedLoad, perSecond: number, { rounds, seconds }: Effort): Promise<number> {
  // An even pace leads through other code than full speed does.
  await paced(load, perSecond, WARM_UP_SECONDS);
  const p99: number[] = [];
  for (let round = 1; round <= rounds; round += 1) p99.push((await paced(load, perSecond, seconds)).p99);
  return median(p99);
}
