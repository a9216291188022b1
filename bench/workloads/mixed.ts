import { Random } from '../../test/simulations/coherence/random.js';
import { encodeChatGroupId } from '../../src/chat-groups/model/chat-group-id.js';
import { scopesOf } from '../data/scopes.js';
import { graphql, type LoadRequest } from '../load/load-request.js';
import { Zipf } from '../statistics/zipf.js';
import { hasData } from './accepts.js';
import { UPDATE, WHOLE_LIST } from './documents.js';
import { list } from './graphql-lists.js';
import type { PlanContext, Workload } from './workload.js';

const SCOPES = scopesOf(4, 1_000);
const GROUPS = 20;
const COMPARED = SCOPES.slice(0, 8);
const SHARE_OF_WRITES = 0.05;
/** Requests per connection, which then repeat. */
const DRAWN = 500;

const isRead = hasData(`"totalCount":${GROUPS}`);
const isWrite = hasData('"updateChatGroup":{"chatGroup":{"groupId":');

/** Reads favour some numbers, as people do; updates go to all of them equally. */
export const MIXED: Workload = {
  name: 'mixed',
  title: 'GraphQL, 95 % lists of 20 (1,000 scopes, Zipf), 5 % updates',
  servers: ['gateway', 'stock'],
  status: 200,
  accepts: (body) => isRead(body) || isWrite(body),
  fill: (upstream) => upstream.fill(SCOPES, GROUPS),
  samples: async (tokens) => COMPARED.map((scope) => list(tokens, scope, GROUPS, WHOLE_LIST)),
  warmUpOnce: (tokens) => SCOPES.map((scope) => list(tokens, scope, GROUPS)),
  async plan(context) {
    const random = new Random(context.round);
    const zipf = new Zipf(random, SCOPES.length);
    const ids = await groupIds(context);
    return () =>
      Array.from({ length: DRAWN }, (): LoadRequest => {
        if (random.next() < SHARE_OF_WRITES) return update(context, random, ids);
        return list(context.tokens, SCOPES[zipf.next()] ?? random.pick(SCOPES), GROUPS);
      });
  },
};

function update({ tokens }: PlanContext, random: Random, ids: readonly (readonly string[])[]): LoadRequest {
  const index = random.between(0, SCOPES.length - 1);
  const scope = SCOPES[index] ?? random.pick(SCOPES);
  const id = encodeChatGroupId({ ...scope, groupId: random.pick(ids[index] ?? []) });
  const description = `Meeting point: gate ${random.between(1, 1_000_000)}.`;
  return graphql(tokens, scope, UPDATE, { input: { id, description } });
}

async function groupIds({ upstream }: PlanContext): Promise<string[][]> {
  return Promise.all(SCOPES.map((scope) => upstream.groupIds(scope)));
}
