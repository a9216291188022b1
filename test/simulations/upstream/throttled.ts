import { setTimeout as sleep } from 'node:timers/promises';
import { KeepAliveClient } from '../../support/keep-alive-client.js';
import { Flood } from '../fleet/flood.js';
import { FleetStage, HEAVY, LIGHT } from '../fleet/stage.js';
import { PacedRequests, p99Of, statusesOf } from './paced-requests.js';

const SETTLES_MS = 10_000;
const AT_ONCE = 40;

export interface Throttled {
  /** Calls that CAMS received, and of those how many it throttled. */
  readonly calls: number;
  readonly throttled: number;
  /** Responses that the quiet tenant got, and their p99 in ms. */
  readonly quiet: Readonly<Record<string, number>>;
  readonly quietP99Ms: number;
}

/** CAMS allows fewer calls than `CAMS_QPS` says, while one tenant floods the gateway and another calls once a second. */
export async function throttled(seconds: number): Promise<Throttled> {
  const stage = await FleetStage.start({ SANDBOX_QPS: '20' });
  const client = new KeepAliveClient(LIGHT.apiKey, 30_000);
  try {
    const { url } = await stage.startReplica({});
    const flood = new Flood(url, HEAVY, AT_ONCE);
    await sleep(SETTLES_MS);
    const fromMs = Date.now();
    const quiet = new PacedRequests(
      client,
      1,
      (index) => `${url}/v1/spaces/${LIGHT.custSpaceId}/numbers/${8_613_900_000_000 + index}/groups`,
    );
    await sleep(seconds * 1_000);
    const seen = await quiet.stop();
    const calls = (await stage.calls()).filter(({ at }) => Date.parse(at) >= fromMs);
    await flood.stop();
    return {
      calls: calls.length,
      // This sandbox refuses nothing else.
      throttled: calls.filter(({ outcome }) => outcome === 'rejected').length,
      quiet: statusesOf(seen),
      quietP99Ms: p99Of(seen),
    };
  } finally {
    client.close();
    await stage.close();
  }
}
