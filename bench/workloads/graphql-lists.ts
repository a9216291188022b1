import { Random } from '../../test/simulations/coherence/random.js';
import { MAIN_SCOPES, type Scope, scopesOf, SHORT_SCOPES } from '../data/scopes.js';
import type { Tokens } from '../data/tokens.js';
import { MAIN_GROUPS } from '../data/upstream.js';
import { graphql, type LoadRequest } from '../load/load-request.js';
import { Zipf } from '../statistics/zipf.js';
import { hasData } from './accepts.js';
import { LIST, WHOLE_LIST } from './documents.js';
import { inTurn, type Workload } from './workload.js';

/** A request for the first page of a scope. */
export function list(tokens: Tokens, scope: Scope, first: number, document = LIST): LoadRequest {
  const { custSpaceId: space, businessNumber: number } = scope;
  return graphql(tokens, scope, document, { space, number, first, offset: 0 });
}

/** The same page for every caller, always cached. */
export const GRAPHQL_LIST: Workload = {
  ...listOf(MAIN_SCOPES),
  name: 'graphql-list',
  title: 'GraphQL list of 20 groups × 7 fields',
};

/** The same with short subjects and descriptions, where the cost that does not depend on the size weighs most. */
export const GRAPHQL_LIST_SHORT: Workload = {
  ...listOf(SHORT_SCOPES),
  name: 'graphql-list-short',
  title: 'GraphQL list of 20 short groups × 7 fields',
  fill: (upstream) => upstream.fillShort(),
};

function listOf(scopes: readonly Scope[]) {
  return {
    servers: ['gateway', 'stock', 'mercurius'],
    status: 200,
    accepts: hasData(`"totalCount":${MAIN_GROUPS}`),
    samples: async (tokens) =>
      scopes.flatMap((scope) => [list(tokens, scope, 20), list(tokens, scope, 20, WHOLE_LIST)]),
    plan: async ({ tokens }) => inTurn(scopes.map((scope) => list(tokens, scope, 20))),
  } satisfies Partial<Workload>;
}

const SCOPES = scopesOf(1, 5_000);
const GROUPS = 100;
const COMPARED = SCOPES.filter((_, index) => index % 250 === 0);
/** Requests per connection, which then repeat. */
const DRAWN = 500;

/** Large pages of many numbers, a few of which are much more popular than the rest. */
export const GRAPHQL_ZIPF: Workload = {
  name: 'graphql-zipf',
  title: 'GraphQL list of 100 groups (5,000 scopes, Zipf)',
  servers: ['gateway', 'stock'],
  status: 200,
  accepts: hasData(`"totalCount":${GROUPS}`),
  fill: (upstream) => upstream.fill(SCOPES, GROUPS),
  samples: async (tokens) => COMPARED.map((scope) => list(tokens, scope, GROUPS, WHOLE_LIST)),
  // Unpopular scopes are cached at the start, too; that they expire later is part of the workload.
  warmUpOnce: (tokens) => SCOPES.map((scope) => list(tokens, scope, GROUPS)),
  async plan({ tokens, round }) {
    const zipf = new Zipf(new Random(round), SCOPES.length);
    return () =>
      Array.from({ length: DRAWN }, () => {
        const scope = SCOPES[zipf.next()];
        if (scope === undefined) throw new Error('The rank is out of range.');
        return list(tokens, scope, GROUPS);
      });
  },
};
