import { Agent } from 'node:http';
import { type Scope, scopesOf } from '../data/scopes.js';
import { send } from '../load/send.js';
import type { Child } from '../servers/child.js';
import { gatewayProgram } from '../servers/gateway.js';
import { Environment } from '../servers/environment.js';
import type { Run } from '../servers/run.js';
import { hasData } from './accepts.js';
import { list } from './graphql-lists.js';
import type { SingleFigures } from './single-figures.js';

const REPLICAS = 3;
const READERS = 1_000;
const GROUPS = 20;

/** Upstream calls when 1,000 readers request the same uncached page from three replicas at once: the worst round. */
export async function herd(run: Run, rounds: number): Promise<SingleFigures> {
  const environment = await Environment.prepare(run);
  const agent = new Agent({ keepAlive: true });
  try {
    const scopes = scopesOf(6, rounds + 1);
    await environment.upstream.fill(scopes, GROUPS);
    const build = await run.build('gateway');
    const replicas: Child[] = [];
    for (let started = 0; started < REPLICAS; started += 1)
      replicas.push(await environment.start(gatewayProgram(environment, build)));
    const calls: number[] = [];
    for (const scope of scopes) {
      await environment.upstream.forgetCalls();
      await readAtOnce(replicas, scope, environment, agent);
      calls.push(await environment.upstream.calls());
    }
    // In the first herd the connections were still being opened, so its readers did not arrive at once.
    const value = Math.max(...calls.slice(1));
    const title = `upstream calls for ${READERS} concurrent cold reads over ${REPLICAS} replicas, the worst of ${rounds} herds`;
    return { figures: [{ name: 'herd', title, value, unit: 'calls', target: 1 }] };
  } finally {
    agent.destroy();
    await environment.close();
  }
}

async function readAtOnce(
  replicas: readonly Child[],
  scope: Scope,
  { tokens }: Environment,
  agent: Agent,
): Promise<void> {
  const request = list(tokens, scope, GROUPS);
  const isGood = hasData(`"totalCount":${GROUPS}`);
  const one = async (_: unknown, reader: number): Promise<void> => {
    const { status, text } = await send(replicas[reader % REPLICAS]?.url ?? '', request, agent);
    if (status !== 200 || !isGood(text)) throw new Error(`A reader of the herd got ${status}: ${text}`);
  };
  await Promise.all(Array.from({ length: READERS }, one));
}
