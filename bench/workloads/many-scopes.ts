import { Random } from '../../test/simulations/coherence/random.js';
import { scopesOf } from '../data/scopes.js';
import { closedLoop, type Load } from '../load/closed-loop.js';
import { restList } from '../load/load-request.js';
import { Environment } from '../servers/environment.js';
import type { Run } from '../servers/run.js';
import { startServer } from '../servers/start-server.js';
import { residentMb } from '../statistics/process-usage.js';
import { list } from './graphql-lists.js';

const SCOPES = scopesOf(7, 10_000);
const GROUPS = 20;
const CONNECTIONS = 32;
/** Requests per connection and step: more than it sends in a step of 100,000. */
const DRAWN = 5_000;

/**
 * Requests lists of 10,000 scopes, all equally often, over GraphQL and REST in turn. Reports the resident memory of the
 * gateway in MB after every `step` of the `requests`.
 */
export async function residentOverTime(
  run: Run,
  { requests, step }: { readonly requests: number; readonly step: number },
  report: (requests: number, residentMb: number) => void,
): Promise<void> {
  const environment = await Environment.prepare(run);
  try {
    await environment.upstream.fill(SCOPES, GROUPS);
    const gateway = await startServer('gateway', environment);
    const random = new Random(1);
    const load: Load = {
      url: gateway.process.url,
      connections: CONNECTIONS,
      requests: () =>
        Array.from({ length: DRAWN }, (_, index) => {
          const scope = random.pick(SCOPES);
          const { tokens } = run;
          return index % 2 === 0 ? list(tokens, scope, GROUPS) : restList(tokens, scope, GROUPS);
        }),
      status: 200,
      accepts: (body) => body.includes(`"total":${GROUPS}`) || body.includes(`"totalCount":${GROUPS}`),
      until: { requests: step },
    };
    for (let sent = step; sent <= requests; sent += step) {
      await closedLoop(load);
      report(sent, residentMb(gateway.process.pid));
      // One log line per request would fill the disk of a small machine.
      gateway.process.trimOutput();
    }
  } finally {
    await environment.close();
  }
}
