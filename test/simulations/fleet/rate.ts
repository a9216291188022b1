import { setTimeout as sleep } from 'node:timers/promises';
import type { LoggedCall } from '../../support/sandbox-control.js';
import { Flood } from './flood.js';
import { FleetStage, HEAVY, LIGHT, type Replica } from './stage.js';

const REPLICAS = 3;
const AT_ONCE = 40;
const SETTLES_MS = 2_000;

/** Calls that arrived at CAMS in one part of the run. */
export interface Phase {
  readonly name: string;
  readonly seconds: number;
  readonly perSecond: number;
  /** Within any second. */
  readonly most: number;
  /** Calls of the tenant with weight 3 for each of the one with weight 1. */
  readonly ratio: number;
}

export interface RateResult {
  readonly qps: number;
  readonly phases: readonly Phase[];
  readonly statuses: Readonly<Record<string, number>>;
}

/** Floods three replicas from two tenants, replaces a replica, and takes the state Redis away for a while. */
export async function rateOfFleet(qps: number, seconds: number): Promise<RateResult> {
  const stage = await FleetStage.start();
  const settings = { CAMS_QPS: String(qps) };
  const floods: Flood[] = [];
  const flood = (replica: Replica): Flood[] => {
    const both = [LIGHT, HEAVY].map((tenant) => new Flood(replica.url, tenant, AT_ONCE));
    floods.push(...both);
    return both;
  };
  const phases: { name: string; fromMs: number; toMs: number }[] = [];
  const phase = async (name: string, lasts: number): Promise<void> => {
    const fromMs = Date.now();
    await sleep(lasts * 1_000);
    phases.push({ name, fromMs, toMs: Date.now() });
  };
  try {
    const replicas: Replica[] = [];
    while (replicas.length < REPLICAS) replicas.push(await stage.startReplica(settings));
    for (const replica of replicas) flood(replica);
    await sleep(SETTLES_MS);
    await phase('three replicas', seconds);
    await replicas[0]?.kill();
    await phase('one killed', seconds / 3);
    flood(await stage.startReplica(settings));
    await phase('one added', seconds / 3);
    await stage.state.kill();
    await phase('without the state Redis', 20);
    await stage.state.restart();
    await phase('with it again, empty', seconds / 3);
    const calls = await stage.calls();
    for (const one of floods) void one.stop();
    return {
      qps,
      phases: phases.map(({ name, fromMs, toMs }) => phaseOf(name, fromMs, toMs, calls)),
      statuses: Object.fromEntries(sumOf(floods)),
    };
  } finally {
    await stage.close();
    await Promise.all(floods.map((one) => one.stop()));
  }
}

function phaseOf(name: string, fromMs: number, toMs: number, calls: readonly LoggedCall[]): Phase {
  const arrivals = calls
    .map((call) => ({ atMs: Date.parse(call.at), space: call.parameters['CustSpaceId'] }))
    .filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
  const times = arrivals.map(({ atMs }) => atMs).toSorted((a, b) => a - b);
  const of = (space: string): number => arrivals.filter((one) => one.space === space).length;
  const seconds = (toMs - fromMs) / 1_000;
  return {
    name,
    seconds,
    perSecond: times.length / seconds,
    most: mostInASecond(times),
    ratio: of(HEAVY.custSpaceId) / of(LIGHT.custSpaceId),
  };
}

function mostInASecond(sorted: readonly number[]): number {
  let most = 0;
  let first = 0;
  for (const [index, atMs] of sorted.entries()) {
    while ((sorted[first] ?? 0) <= atMs - 1_000) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}

function sumOf(floods: readonly Flood[]): Map<string, number> {
  const sum = new Map<string, number>();
  for (const { statuses } of floods)
    for (const [status, count] of statuses) sum.set(status, (sum.get(status) ?? 0) + count);
  return sum;
}
