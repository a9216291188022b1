import { Random } from '../../test/simulations/coherence/random.js';
import { scopesOf } from '../data/scopes.js';
import { closedLoop, type Load } from '../load/closed-loop.js';
import { restList } from '../load/load-request.js';
import { Ground } from '../servers/ground.js';
import type { Site } from '../servers/site.js';
import { startServer } from '../servers/start.js';
import { residentMb } from '../statistics/process-usage.js';
import { list } from './graphql-lists.js';

const SCOPES = scopesOf(7, 10_000);
const GROUPS = 20;
const CONNECTIONS = 32;
/** Of each connection and step: more than it sends in a step of 100,000. */
const DRAWN = 5_000;

/**
 * Asks a gateway for lists of 10,000 scopes, all equally often, by GraphQL and REST in turn; after every `step` of the
 * `requests` it tells how much memory the process has, in MB.
 */
export async function residentOverTime(
  site: Site,
  { requests, step }: { readonly requests: number; readonly step: number },
  tell: (requests: number, residentMb: number) => void,
): Promise<void> {
  const ground = await Ground.prepare(site);
  try {
    await ground.upstream.fill(SCOPES, GROUPS);
    const gateway = await startServer('gateway', ground);
    const random = new Random(1);
    const load: Load = {
      url: gateway.process.url,
      connections: CONNECTIONS,
      requests: () =>
        Array.from({ length: DRAWN }, (_, index) => {
          const scope = random.pick(SCOPES);
          const { tokens } = site;
          return index % 2 === 0 ? list(tokens, scope, GROUPS) : restList(tokens, scope, GROUPS);
        }),
      status: 200,
      accepts: (body) => body.includes(`"total":${GROUPS}`) || body.includes(`"totalCount":${GROUPS}`),
      until: { requests: step },
    };
    for (let sent = step; sent <= requests; sent += step) {
      await closedLoop(load);
      tell(sent, residentMb(gateway.process.pid));
      // A line a request would fill the disk of some machines.
      gateway.process.trimOutput();
    }
  } finally {
    await ground.close();
  }
}
