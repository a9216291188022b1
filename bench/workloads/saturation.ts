import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../test/simulations/coherence/random.js';
import { encodeChatGroupId } from '../../src/chat-groups/model/chat-group-id.js';
import { MAIN_SCOPES, scopesOf } from '../data/scopes.js';
import { closedLoop, type Load, type LoadResult } from '../load/closed-loop.js';
import { graphql, type LoadRequest, restList } from '../load/load-request.js';
import { openLoop, type OpenLoopResult } from '../load/open-loop.js';
import { send } from '../load/send.js';
import { CONCURRENT_REQUESTS, Environment, tenantsFile } from '../servers/environment.js';
import { leavePartOfACore } from '../servers/part-of-a-core.js';
import type { Run } from '../servers/run.js';
import { startServer } from '../servers/start-server.js';
import { UPDATE } from './documents.js';

/** The overload of one kind of work. */
export interface Saturation {
  readonly title: string;
  readonly rounds: readonly OverloadRound[];
  /** How long single requests took longer than at the peak, after the last overload. */
  readonly recoveryMs: number;
}

export interface OverloadRound {
  /** Requests per second of closed loops: the mean of before and after the overload, since the speed of machines varies. */
  readonly peak: number;
  readonly overload: OpenLoopResult;
  /** Good responses per second under overload, as a share of the peak. */
  readonly goodputShare: number;
}

export interface SaturationEffort {
  /** Of overload. The peak is measured before and after each of its rounds. */
  readonly seconds: number;
  readonly connections: number;
  /** The offered load as a multiple of the peak. */
  readonly factor: number;
}

const SCOPES = scopesOf(8, 400);
const GROUPS = 20;
const SHARE_OF_WRITES = 0.2;
/** By each connection. */
const DRAWN = 250;
const WARM_UP_SECONDS = 5;
const OVERLOAD_SECONDS = 5;
const PEAK_SECONDS = 2;
/** Connections of the open loop when it begins. */
const OPEN_CONNECTIONS = 500;
/** A tenth of the default of `MAX_CONNECTIONS` for a tenth of a core, so that they wait no longer than with a whole one. */
const CONNECTIONS_OF_PART = 1_000;
/** Every list goes to CAMS. */
const UNCACHED = {
  CACHE_FRESH_MS: '0',
  CACHE_STALE_WHILE_REVALIDATE_MS: '0',
  CACHE_STALE_IF_ERROR_MS: '0',
  /** The default. */
  CAMS_MAX_CONCURRENCY: '64',
};
const PROBES_IN_A_ROW = 10;
const RECOVERS_MS = 60_000;

/** Uncached lists, and one update in five requests. */
export async function uncachedSaturation(run: Run, effort: SaturationEffort): Promise<Saturation> {
  const environment = await prepared(run);
  try {
    await environment.upstream.fill(SCOPES, GROUPS);
    const ids = await Promise.all(SCOPES.map((scope) => environment.upstream.groupIds(scope)));
    const { process } = await startServer('gateway', environment, UNCACHED);
    const { tokens } = run;
    const draw = (random: Random): LoadRequest => {
      const index = random.between(0, SCOPES.length - 1);
      const scope = SCOPES[index] ?? random.pick(SCOPES);
      if (random.next() >= SHARE_OF_WRITES) return restList(tokens, scope, GROUPS);
      const id = encodeChatGroupId({ ...scope, groupId: random.pick(ids[index] ?? []) });
      return graphql(tokens, scope, UPDATE, {
        input: { id, description: `Gate ${random.between(1, 1e6)}.` },
      });
    };
    const load = {
      url: process.url,
      requests: drawnBy(draw),
      status: 200,
      accepts: (body: string) =>
        body.includes(`"total":${GROUPS}`) || body.includes('"chatGroup":{"groupId"'),
    };
    return await saturate('uncached lists of 20, 20 % updates', load, effort);
  } finally {
    await environment.close();
  }
}

/** Lists that are in the cache. With a whole core, the gateway serves more of them than the generator can offer. */
export async function cachedSaturation(run: Run, effort: SaturationEffort): Promise<Saturation> {
  const environment = await prepared(run);
  try {
    const { process } = await startServer('gateway', environment, {
      MAX_CONNECTIONS: String(CONNECTIONS_OF_PART),
    });
    leavePartOfACore(process.pid, environment);
    const requests = MAIN_SCOPES.map((scope) => restList(run.tokens, scope, GROUPS));
    return await saturate(
      'cached lists of 20, with a tenth of a core',
      {
        url: process.url,
        requests: drawnBy((random) => random.pick(requests)),
        status: 200,
        accepts: (body) => body.includes('"total":'),
      },
      effort,
    );
  } finally {
    await environment.close();
  }
}

/** Each connection draws its own requests. In the same order, they would all reach the limit of the same tenant at once. */
function drawnBy(draw: (random: Random) => LoadRequest): Load['requests'] {
  return (connection) => {
    const random = new Random(connection + 1);
    return Array.from({ length: DRAWN }, () => draw(random));
  };
}

/** With the default limit: without one, requests would wait instead of being refused. */
async function prepared(run: Run): Promise<Environment> {
  const environment = await Environment.prepare(run);
  environment.write('tenants.yaml', tenantsFile(CONCURRENT_REQUESTS));
  return environment;
}

async function saturate(
  title: string,
  load: Omit<Load, 'until' | 'connections'>,
  { seconds, connections, factor }: SaturationEffort,
): Promise<Saturation> {
  const atPeak = (duration: number): Promise<LoadResult> =>
    closedLoop({ ...load, connections, until: { seconds: duration } });
  await atPeak(WARM_UP_SECONDS);
  const rounds: OverloadRound[] = [];
  let before = await atPeak(PEAK_SECONDS);
  let recoveryMs = 0;
  while (rounds.length < Math.ceil(seconds / OVERLOAD_SECONDS)) {
    const overload = await openLoop(
      { ...load, connections: OPEN_CONNECTIONS },
      before.perSecond * factor,
      OVERLOAD_SECONDS,
    );
    recoveryMs = await recovery(load, before.p99);
    const after = await atPeak(PEAK_SECONDS);
    const peak = (before.perSecond + after.perSecond) / 2;
    rounds.push({ peak, overload, goodputShare: overload.goodPerSecond / peak });
    before = after;
  }
  return { title, rounds, recoveryMs };
}

/** Sends single requests until several in a row are good, that take no longer than the p99 of the peak. */
async function recovery(
  { url, requests, status, accepts }: Omit<Load, 'until' | 'connections'>,
  limitMs: number,
): Promise<number> {
  const startedAt = performance.now();
  let goodSince = startedAt;
  const [request] = requests(0);
  if (request === undefined) throw new Error('No requests to send.');
  for (let inARow = 0; inARow < PROBES_IN_A_ROW; await sleep(5)) {
    const sentAt = performance.now();
    if (sentAt - startedAt > RECOVERS_MS) throw new Error('The gateway does not recover.');
    const response = await send(url, request);
    const isGood =
      response.status === status && accepts(response.text) && performance.now() - sentAt <= limitMs;
    if (inARow === 0) goodSince = sentAt;
    inARow = isGood ? inARow + 1 : 0;
  }
  return goodSince - startedAt;
}
