import { setTimeout as sleep } from 'node:timers/promises';
import { unusedPort } from '../../test/support/unused-port.js';
import { MAIN_SCOPES } from '../data/scopes.js';
import { type LoadRequest, restList } from '../load/load-request.js';
import { send } from '../load/send.js';
import { compare } from '../report/comparison.js';
import { spawnChild } from '../servers/child.js';
import { gatewayProgram } from '../servers/gateway.js';
import { Environment } from '../servers/environment.js';
import type { GatewayBuild, Run } from '../servers/run.js';
import { median } from '../statistics/quantile.js';
import { inAlternation, type SingleFigures } from './single-figures.js';

const RETRY_MS = 5;
const LIMIT_MS = 30_000;

/** The time from the start of a built gateway to its first response, a list served from the cache. */
export async function start(run: Run, rounds: number): Promise<SingleFigures> {
  const environment = await Environment.prepare(run);
  try {
    const gateways = await Promise.all(
      run.gateways.map(async (name) => ({ build: await run.build(name), times: [] as number[] })),
    );
    // The first start fills the compile cache, as the first one after an installation does.
    for (const { build } of gateways) await startOnce(environment, build);
    for (let round = 1; round <= rounds; round += 1)
      for (const { build, times } of inAlternation(gateways, round))
        times.push(await startOnce(environment, build));
    const [own = [], against] = gateways.map(({ times }) => times);
    const title = 'start of the built gateway to its first response';
    const of = { name: 'start/time', title, better: 'lower' } as const;
    return {
      figures: [{ name: 'start', title, value: median(own), unit: 'ms', target: 2_000 }],
      ...(against && { comparisons: [compare(of, own, against)] }),
    };
  } finally {
    await environment.close();
  }
}

/** Returns the time from the start of a gateway to its first response, in ms. */
export async function startOnce(environment: Environment, build: GatewayBuild): Promise<number> {
  const [scope] = MAIN_SCOPES;
  if (scope === undefined) throw new Error('There is no scope.');
  const port = await unusedPort();
  const { env, ...command } = gatewayProgram(environment, build);
  const startedAt = performance.now();
  const { stop } = spawnChild({
    ...command,
    env: { ...env, PORT: String(port) },
    output: environment.output(),
  });
  try {
    await firstResponse(`http://127.0.0.1:${port}`, restList(environment.tokens, scope, 20));
    return performance.now() - startedAt;
  } finally {
    await stop();
  }
}

async function firstResponse(url: string, request: LoadRequest): Promise<void> {
  for (const end = performance.now() + LIMIT_MS; performance.now() < end; await sleep(RETRY_MS)) {
    // The gateway does not listen yet.
    const response = await send(url, request).catch(() => undefined);
    if (response?.status === 200) return;
    if (response) throw new Error(`The first response was ${response.status}: ${response.text}`);
  }
  throw new Error('The gateway did not start in time.');
}
