// Mercurius with its JIT and nothing else: no tokens, no cache, no upstream.
import { readFileSync } from 'node:fs';
import Fastify from 'fastify';
import mercurius from 'mercurius';
import { loadGroups } from '../groups-in-memory.js';

interface ListArgs {
  readonly custSpaceId: string;
  readonly businessNumber: string;
  readonly first?: number;
  readonly offset?: number;
}

const groups = loadGroups((group) => group);
const app = Fastify();
await app.register(mercurius.default, {
  schema: readFileSync(new URL('../../../schema.gql', import.meta.url), 'utf8'),
  jit: 1,
  resolvers: {
    Query: {
      chatGroups(_: unknown, { custSpaceId, businessNumber, first = 20, offset = 0 }: ListArgs) {
        const list = groups.list(custSpaceId, businessNumber);
        return {
          nodes: list.slice(offset, offset + first),
          totalCount: list.length,
          pageInfo: { hasNextPage: offset + first < list.length, hasPreviousPage: offset > 0 },
          asOf: new Date().toISOString(),
          stale: false,
        };
      },
      chatGroup: (_: unknown, { id }: { readonly id: string }) => groups.get(id),
    },
  },
});
process.stdout.write(`Listening ${await app.listen({ host: '127.0.0.1', port: 0 })}\n`);
