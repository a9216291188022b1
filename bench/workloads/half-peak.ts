import { MAIN_SCOPES } from '../data/scopes.js';
import { closedLoop } from '../load/closed-loop.js';
import { paced } from '../load/paced.js';
import type { Figure } from '../report/figure.js';
import type { Effort } from '../run/rounds.js';
import { Ground } from '../servers/ground.js';
import type { Site } from '../servers/site.js';
import { startServer } from '../servers/start.js';
import { median } from '../statistics/quantile.js';
import { GRAPHQL_LIST, list } from './graphql-lists.js';
import { inTurn } from './workload.js';

const WARM_UP_SECONDS = 3;

/** How long the slowest of a hundred lists takes while the gateway gets half of what it can take. */
export async function halfPeak(site: Site, { rounds, seconds, connections }: Effort): Promise<Figure[]> {
  const ground = await Ground.prepare(site);
  try {
    const { process } = await startServer('gateway', ground);
    const load = {
      url: process.url,
      connections,
      requests: inTurn(MAIN_SCOPES.map((scope) => list(ground.tokens, scope, 20))),
      status: GRAPHQL_LIST.status,
      accepts: GRAPHQL_LIST.accepts,
    };
    await closedLoop({ ...load, until: { seconds: WARM_UP_SECONDS } });
    const peak = await closedLoop({ ...load, until: { seconds } });
    const perSecond = peak.perSecond / 2;
    const p99: number[] = [];
    for (let round = 1; round <= rounds; round += 1) p99.push((await paced(load, perSecond, seconds)).p99);
    return [
      {
        name: 'half-peak-p99',
        title: `GraphQL list of 20 at half of the peak (${Math.round(perSecond)}/s, evenly spaced), p99`,
        value: median(p99),
        unit: 'ms',
        target: 10,
      },
    ];
  } finally {
    await ground.close();
  }
}
