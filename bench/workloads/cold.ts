import { type Scope, scopesOf } from '../data/scopes.js';
import { hasData } from './accepts.js';
import { WHOLE_LIST } from './documents.js';
import { list } from './graphql-lists.js';
import type { Workload } from './workload.js';

const GROUPS = 20;
const SAMPLES = scopesOf(2, 4);
/** Series 3xx, so that no other workload uses them. */
const seriesOf = (round: number): number => 300 + round;

/** Lists that were never requested before, so that each one calls CAMS. */
export function coldReads(rounds: number, requestsPerRound: number): Workload {
  const ofRound = (round: number): readonly Scope[] => scopesOf(seriesOf(round), requestsPerRound);
  return {
    name: 'cold',
    title: 'cold misses, GraphQL list of 20',
    servers: ['gateway', 'stock'],
    status: 200,
    accepts: hasData(`"totalCount":${GROUPS}`),
    requestsPerRound,
    async fill(upstream) {
      await upstream.fill(SAMPLES, GROUPS);
      for (let round = 0; round <= rounds; round += 1) await upstream.fill(ofRound(round), GROUPS);
    },
    samples: async (tokens) => SAMPLES.map((scope) => list(tokens, scope, GROUPS, WHOLE_LIST)),
    async plan({ tokens, round, connections }) {
      const scopes = ofRound(round);
      return (connection) =>
        scopes
          .filter((_, index) => index % connections === connection)
          .map((scope) => list(tokens, scope, GROUPS));
    },
  };
}
