import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { residentMb } from '../../../bench/statistics/process-usage.js';
import { KeepAliveClient } from '../../support/keep-alive-client.js';
import { SandboxControl } from '../../support/sandbox-control.js';
import { unusedPort } from '../../support/unused-port.js';
import { FleetStage, HEAVY } from '../fleet/stage.js';
import { PacedRequests, statusesOf } from './paced-requests.js';

const TIMEOUT_MS = 250;
const PATIENCE_MS = 100;
const AT_ONCE = 100;
/** Each has entries in caches, which would look like a leak if every client asked for another one. */
const LISTS = 500;
const WAITING_PER_SECOND = 100;
const WAITING_MS = 5_000;
const SETTLES_MS = 2_000;
const GAUGES = ['gateway_cams_calls_under_way', 'gateway_cams_calls_waiting'];

interface Resources {
  readonly residentMb: number;
  readonly descriptors: number;
}

export interface Hung {
  /** Responses to clients that wait, and the longest time until one, in ms. */
  readonly waiting: Readonly<Record<string, number>>;
  readonly longestMs: number;
  /** Clients that left before their response. */
  readonly left: number;
  /** After half of them, and after all. */
  readonly early: Resources;
  readonly late: Resources;
  /** Calls that have a permit or wait for one, when all clients have left. */
  readonly held: number;
  /** Status of a list once CAMS responds again. */
  readonly afterwards: string;
}

/** CAMS accepts calls and never responds, to clients that wait for it, and to clients that leave. */
export async function hung(count: number): Promise<Hung> {
  const stage = await FleetStage.start();
  const sandbox = new SandboxControl(stage.sandboxUrl);
  const client = new KeepAliveClient(HEAVY.apiKey, 30_000);
  const managementPort = await unusedPort();
  try {
    const { url, pid } = await stage.startReplica({
      CAMS_TIMEOUT_MS: String(TIMEOUT_MS),
      CAMS_QPS: '1000',
      MANAGEMENT_PORT: String(managementPort),
    });
    const list = (index: number): string =>
      `${url}/v1/spaces/${HEAVY.custSpaceId}/numbers/${8_613_800_000_000 + index}/groups`;
    await client.call(list(0), 'GET');
    await sandbox.fault({ kind: 'hang' });
    const load = new PacedRequests(client, WAITING_PER_SECOND, list);
    await sleep(WAITING_MS);
    const seen = await load.stop();
    // The breaker lets a call through again.
    await sandbox.clearFaults();
    await untilServed(client, list);
    await sandbox.fault({ kind: 'hang' });

    let left = 0;
    const leaveOften = async (times: number): Promise<void> => {
      for (let time = 0; time < times; time += 1) {
        left += 1;
        await leave(list(left % LISTS));
      }
    };
    const leaveAll = (part: number): Promise<unknown> =>
      Promise.all(Array.from({ length: AT_ONCE }, () => leaveOften((count * part) / AT_ONCE)));
    await leaveAll(0.5);
    const early = await resourcesOf(pid);
    await leaveAll(0.5);
    const late = await resourcesOf(pid);
    const held = await heldPermits(managementPort);
    await sandbox.clearFaults();
    return {
      waiting: statusesOf(seen),
      longestMs: Math.max(...seen.map(({ tookMs }) => tookMs)),
      left,
      early,
      late,
      held,
      afterwards: String((await client.call(list(999), 'GET')).status),
    };
  } finally {
    client.close();
    await stage.close();
  }
}

/** Sends a request and leaves before its call can time out. */
async function leave(url: string): Promise<void> {
  const headers = { authorization: `Bearer ${HEAVY.apiKey}` };
  const signal = AbortSignal.timeout(Math.round(PATIENCE_MS * (0.5 + Math.random())));
  await fetch(url, { headers, signal }).catch(() => undefined);
}

async function untilServed(client: KeepAliveClient, list: (index: number) => string): Promise<void> {
  for (let index = 500_000; ; index += 1) {
    const { status } = await client.call(list(index), 'GET');
    if (status === 200) return;
    await sleep(100);
  }
}

async function resourcesOf(pid: number): Promise<Resources> {
  // The gateway has yet to notice the latest clients that left.
  await sleep(SETTLES_MS);
  return { residentMb: residentMb(pid), descriptors: readdirSync(`/proc/${pid}/fd`).length };
}

async function heldPermits(managementPort: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${managementPort}/metrics`)).text();
  const values = GAUGES.map((name) => new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
  return values.reduce((sum, value) => sum + Number(value), 0);
}
