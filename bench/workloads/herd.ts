import { Agent } from 'node:http';
import { type Scope, scopesOf } from '../data/scopes.js';
import { send } from '../load/send.js';
import type { Figure } from '../report/figure.js';
import type { Child } from '../servers/child.js';
import { gatewayProgram } from '../servers/gateway.js';
import { Ground } from '../servers/ground.js';
import type { Site } from '../servers/site.js';
import { answersWith } from './accepts.js';
import { list } from './graphql-lists.js';

const REPLICAS = 3;
const READERS = 1_000;
const GROUPS = 20;

/** How often CAMS is asked when 1,000 readers of three replicas want the same unknown page at once: the worst round. */
export async function herd(site: Site, rounds: number): Promise<Figure[]> {
  const ground = await Ground.prepare(site);
  const agent = new Agent({ keepAlive: true });
  try {
    const scopes = scopesOf(6, rounds + 1);
    await ground.upstream.fill(scopes, GROUPS);
    const redis = await site.redis();
    const replicas: Child[] = [];
    for (let started = 0; started < REPLICAS; started += 1)
      replicas.push(await ground.start(gatewayProgram(ground, redis)));
    const calls: number[] = [];
    for (const scope of scopes) {
      await ground.upstream.forgetCalls();
      await readAtOnce(replicas, scope, ground, agent);
      calls.push(await ground.upstream.calls());
    }
    // The first opened the connections, and so its readers did not come at once.
    const value = Math.max(...calls.slice(1));
    const title = `upstream calls for ${READERS} concurrent cold reads over ${REPLICAS} replicas, the worst of ${rounds} herds`;
    return [{ name: 'herd', title, value, unit: 'calls', target: 1 }];
  } finally {
    agent.destroy();
    await ground.close();
  }
}

async function readAtOnce(
  replicas: readonly Child[],
  scope: Scope,
  { tokens }: Ground,
  agent: Agent,
): Promise<void> {
  const request = list(tokens, scope, GROUPS);
  const isGood = answersWith(`"totalCount":${GROUPS}`);
  const one = async (_: unknown, reader: number): Promise<void> => {
    const { status, text } = await send(replicas[reader % REPLICAS]?.url ?? '', request, agent);
    if (status !== 200 || !isGood(text)) throw new Error(`A reader of the herd got ${status}: ${text}`);
  };
  await Promise.all(Array.from({ length: READERS }, one));
}
