import { setTimeout as sleep } from 'node:timers/promises';
import { KeepAliveClient } from '../../support/keep-alive-client.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { FleetStage, HEAVY, LIGHT } from '../fleet/stage.js';
import { PacedRequests, statusesOf } from './paced-requests.js';

const PER_SECOND = 200;
const WARM_UP_MS = 3_000;
const SAMPLE_MS = 50;
/** Fewer connections than this in a second mean that CAMS is only probed. */
const PROBES = 5;

export interface Dead {
  readonly requests: number;
  /** Connections that the gateway tried to make to CAMS, for each request, until it stopped calling. */
  readonly amplification: number;
  /** Until it stopped calling. */
  readonly openAfterMs: number;
  /** From when CAMS works again to the first response of 200. */
  readonly recoveryMs: number;
  readonly cached: Readonly<Record<string, number>>;
  readonly statuses: Readonly<Record<string, number>>;
}

/** Every connection to CAMS is reset for a while, under load. */
export async function dead(seconds: number): Promise<Dead> {
  const stage = await FleetStage.start();
  const proxy = await TcpProxy.start(Number(new URL(stage.sandboxUrl).port));
  const clients = [HEAVY, LIGHT].map(({ apiKey }) => new KeepAliveClient(apiKey, 30_000));
  const [client, ofCached] = clients;
  try {
    if (!client || !ofCached) throw new Error('There are two clients.');
    const { url } = await stage.startReplica({
      CAMS_ENDPOINT: `http://127.0.0.1:${proxy.port}`,
      CAMS_QPS: '1000',
      CACHE_FRESH_MS: '120000',
    });
    const cachedList = `${url}/v1/spaces/${LIGHT.custSpaceId}/numbers/8613800000001/groups`;
    await ofCached.call(cachedList, 'GET');
    const list = (index: number): string =>
      `${url}/v1/spaces/${HEAVY.custSpaceId}/numbers/${8_613_800_000_000 + index}/groups`;
    const load = new PacedRequests(client, PER_SECOND, list);
    await sleep(WARM_UP_MS);
    const cached = new PacedRequests(ofCached, 10, () => cachedList);
    const cutAtMs = performance.now();
    const before = proxy.connections;
    const samples = [{ atMs: cutAtMs, connections: before }];
    proxy.cut();
    const sampling = setInterval(
      () => samples.push({ atMs: performance.now(), connections: proxy.connections }),
      SAMPLE_MS,
    );
    await sleep(seconds * 1_000);
    clearInterval(sampling);
    const repairedAtMs = performance.now();
    proxy.repair();
    const cachedSeen = await cached.stop();
    await sleep(5_000);
    const seen = await load.stop();
    const duringOutage = seen.filter(({ atMs }) => atMs >= cutAtMs && atMs < repairedAtMs);
    const recovered = seen.filter(({ atMs, status }) => atMs >= repairedAtMs && status === '200');
    const firstMs = Math.min(...recovered.map(({ atMs, tookMs }) => atMs + tookMs));
    const tried = (samples.at(-1)?.connections ?? before) - before;
    return {
      requests: duringOutage.length,
      amplification: tried / duringOutage.length,
      openAfterMs: openAt(samples) - cutAtMs,
      recoveryMs: firstMs - repairedAtMs,
      cached: statusesOf(cachedSeen),
      statuses: statusesOf(duringOutage),
    };
  } finally {
    for (const one of clients) one.close();
    await stage.close();
    await proxy.close();
  }
}

/** Returns when the first second began in which CAMS was only probed. */
function openAt(samples: readonly { readonly atMs: number; readonly connections: number }[]): number {
  for (const { atMs, connections } of samples) {
    const later = samples.find((one) => one.atMs >= atMs + 1_000);
    if (later && later.connections - connections < PROBES) return atMs;
  }
  return Number.POSITIVE_INFINITY;
}
