import type { Row } from '../run/rounds.js';
import type { ServerName } from '../servers/server.js';
import { median } from '../statistics/quantile.js';
import type { Figure } from './figure.js';

/** Target ratios by workload and peer. */
const TARGETS: Readonly<Record<string, number>> = {
  'graphql-list/stock': 3,
  'graphql-list/mercurius': 0.8,
  'rest-list/fastify': 0.8,
  'rest-304/fastify': 1,
};

/**
 * Requests/s of the gateway divided by those of each peer: the median of the ratios within each round. The speed of a
 * machine may double between two rounds, but within one both servers get the same machine.
 */
export function ratiosOf(rows: readonly Row[]): Figure[] {
  return rows
    .filter(({ server }) => isPeer(server))
    .flatMap((peer) => {
      const gateway = rows.find(({ workload, server }) => workload === peer.workload && server === 'gateway');
      if (gateway === undefined) return [];
      const name = `${peer.workload}/${peer.server}`;
      return {
        name,
        title: `${peer.title}: gateway ÷ ${peer.server}`,
        value: median(
          gateway.rounds.map(({ perSecond }, round) => perSecond / (peer.rounds[round]?.perSecond ?? NaN)),
        ),
        unit: '×',
        target: TARGETS[name] ?? null,
      };
    });
}

/** Neither a gateway nor the limit of the load generator. */
function isPeer(server: ServerName): boolean {
  return server !== 'gateway' && server !== 'against' && server !== 'node:http';
}
