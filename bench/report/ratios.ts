import type { Row } from '../run/rounds.js';
import type { ServerName } from '../servers/server.js';
import { median } from '../statistics/quantile.js';
import type { Figure } from './figure.js';

/** What the gateway is to reach, by workload and peer. */
const TARGETS: Readonly<Record<string, number>> = {
  'graphql-list/stock': 3,
  'graphql-list/mercurius': 0.8,
  'rest-list/fastify': 0.8,
  'rest-304/fastify': 1,
};

/**
 * Requests a second of the gateway over those of each peer: the median of what each round gives. Within a round both meet
 * the same machine; between the rounds of one it may have become twice as fast.
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
        value: median(gateway.rounds.map((perSecond, round) => perSecond / (peer.rounds[round] ?? NaN))),
        unit: '×',
        target: TARGETS[name] ?? null,
      };
    });
}

function isPeer(server: ServerName): boolean {
  return server !== 'gateway' && server !== 'node:http';
}
