import { encodeChatGroupId } from '../../src/chat-groups/model/chat-group-id.js';
import { MAIN_SCOPES } from '../data/scopes.js';
import type { Tokens } from '../data/tokens.js';
import type { Upstream } from '../data/upstream.js';
import { graphql, type LoadRequest } from '../load/load-request.js';
import { hasData } from './accepts.js';
import { SINGLE } from './documents.js';
import { inTurn, type Workload } from './workload.js';

/** Groups of all main scopes, by ID. */
export const GRAPHQL_SINGLE: Workload = {
  name: 'graphql-single',
  title: 'GraphQL single group',
  servers: ['gateway', 'stock', 'mercurius'],
  status: 200,
  accepts: hasData('{"data":{"chatGroup":{"id":'),
  samples: singles,
  plan: async ({ tokens, upstream }) => inTurn(await singles(tokens, upstream)),
};

async function singles(tokens: Tokens, upstream: Upstream): Promise<LoadRequest[]> {
  const requests = await Promise.all(
    MAIN_SCOPES.map(async (scope) =>
      (await upstream.groupIds(scope)).map((groupId) =>
        graphql(tokens, scope, SINGLE, { id: encodeChatGroupId({ ...scope, groupId }) }),
      ),
    ),
  );
  return requests.flat();
}
