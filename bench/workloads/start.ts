import { setTimeout as sleep } from 'node:timers/promises';
import { unusedPort } from '../../test/support/unused-port.js';
import { MAIN_SCOPES } from '../data/scopes.js';
import { type LoadRequest, restList } from '../load/load-request.js';
import { send } from '../load/send.js';
import type { Figure } from '../report/figure.js';
import { spawnChild } from '../servers/child.js';
import { gatewayProgram } from '../servers/gateway.js';
import { Ground } from '../servers/ground.js';
import type { GatewayRedis, Site } from '../servers/site.js';
import { median } from '../statistics/quantile.js';

const RETRY_MS = 5;
const LIMIT_MS = 30_000;

/** How long the built gateway takes from its start to its first answer, a list out of the cache. */
export async function start(site: Site, rounds: number): Promise<Figure[]> {
  const ground = await Ground.prepare(site);
  try {
    const redis = await site.redis();
    // The first start fills the cache of compiled code, as the first one after an installation does.
    await startOnce(ground, redis);
    const times: number[] = [];
    for (let round = 1; round <= rounds; round += 1) times.push(await startOnce(ground, redis));
    const title = 'start of the built gateway to its first answer';
    return [{ name: 'start', title, value: median(times), unit: 'ms', target: 2_000 }];
  } finally {
    await ground.close();
  }
}

async function startOnce(ground: Ground, redis: GatewayRedis): Promise<number> {
  const [scope] = MAIN_SCOPES;
  if (scope === undefined) throw new Error('There is no scope.');
  const port = await unusedPort();
  const { words, settings } = gatewayProgram(ground, redis);
  const startedAt = performance.now();
  const { child, gone } = spawnChild({
    words,
    settings: { ...settings, PORT: String(port) },
    output: ground.output(),
  });
  try {
    await firstAnswer(`http://127.0.0.1:${port}`, restList(ground.tokens, scope, 20));
    return performance.now() - startedAt;
  } finally {
    child.kill('SIGKILL');
    await gone;
  }
}

async function firstAnswer(url: string, request: LoadRequest): Promise<void> {
  for (const end = performance.now() + LIMIT_MS; performance.now() < end; await sleep(RETRY_MS)) {
    // Nobody listens yet.
    const answer = await send(url, request).catch(() => undefined);
    if (answer?.status === 200) return;
    if (answer) throw new Error(`The first answer was ${answer.status}: ${answer.text}`);
  }
  throw new Error('The gateway did not start in time.');
}
