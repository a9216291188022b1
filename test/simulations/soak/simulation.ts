import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../coherence/random.js';
import { repeatFaults } from './faults.js';
import { Groups } from './groups.js';
import type { Judgement } from './judgement.js';
import { SoakLoad } from './load.js';
import type { Options } from './options.js';
import { report, type Report } from './report.js';
import { Requests } from './requests.js';
import { Sampler } from './sampler.js';
import { GROUPS_OF_NUMBER, QUIET_NUMBER, TENANT, UNCACHED } from './settings.js';
import type { Stage } from './stage.js';

const HOUR_MS = 3_600_000;
const LEAST_WARM_UP_MS = 60_000;
const WARM_UP_SHARE = 0.2;
/** In a long run, a window of the statistics is as long as a round of all faults, so that all windows are alike. */
const LONGEST_WINDOW_MS = 120_000;
const SHORTEST_WINDOW_MS = 5_000;
const WINDOWS = 24;
const LONGEST_INTERVAL_MS = 5_000;
/** For calls that are still under way when the load ends: none takes longer. */
const DRAINS_MS = 9_000;

/** Runs load and faults, and measures. */
export async function simulate(
  options: Options,
  stage: Stage,
  judgement: Judgement,
  stop: AbortSignal,
): Promise<Report> {
  const { durationMs, seed, rate } = options;
  const random = new Random(seed);
  const quietGroups = await arrange(stage);
  const groups = await Groups.create(stage.sandbox, random);
  const requests = new Requests(random, groups, quietGroups, String(seed));
  const load = new SoakLoad(stage, requests, groups, judgement, random);
  const warmUpMs = Math.max(LEAST_WARM_UP_MS, durationMs * WARM_UP_SHARE);
  const windowMs = Math.min(
    LONGEST_WINDOW_MS,
    Math.max(SHORTEST_WINDOW_MS, (durationMs - warmUpMs) / WINDOWS),
  );
  const samples = Math.max(2, Math.ceil(windowMs / LONGEST_INTERVAL_MS));
  const sampler = new Sampler(stage, () => load.writes);
  const over = AbortSignal.any([stop, AbortSignal.timeout(durationMs)]);
  const failed = new AbortController();
  const end = AbortSignal.any([over, failed.signal]);
  const tidy = async (): Promise<void> => {
    await groups.tidy();
    // The sandbox remembers every call.
    await stage.sandbox.forgetCalls();
  };
  try {
    const parts = [
      load.run(rate, end),
      sampler.run(windowMs / samples, samples, end),
      repeatFaults(stage, end, (fault) => judgement.started(fault), tidy),
      watch(stage, failed, end),
    ];
    // If one part fails, the others end.
    for (const part of parts) part.catch(() => failed.abort());
    await Promise.all(parts);
    await sleep(DRAINS_MS);
    const failures = stage.crashes();
    const facts = failures.length > 0 ? [] : await factsOf(stage, sampler);
    if (stop.aborted) throw new Error('interrupted');
    return report(options, {
      warmUpHours: warmUpMs / HOUR_MS,
      windowHours: windowMs / HOUR_MS,
      failures,
      facts,
      load,
      judgement,
      sampler,
      replicas: stage.replicas.map(({ name }) => name),
    });
  } finally {
    load.close();
  }
}

/** Ends the run when a process has died. */
async function watch(stage: Stage, failed: AbortController, end: AbortSignal): Promise<void> {
  while (!end.aborted) {
    if (stage.crashes().length > 0) failed.abort();
    await sleep(1_000, undefined, { signal: end }).catch(() => undefined);
  }
}

/** What each gateway says of itself in the end. */
export interface Fact {
  readonly replica: string;
  readonly heldCalls: number;
  readonly reloads: number;
}

function factsOf({ replicas }: Stage, sampler: Sampler): Promise<Fact[]> {
  return Promise.all(
    replicas.map(async (replica) => ({
      replica: replica.name,
      heldCalls: await sampler.held(replica),
      reloads: await sampler.reloads(replica),
    })),
  );
}

/** Creates the groups that are only read; returns the IDs of those of the number whose lists are cached. */
export async function arrange({ sandbox }: Stage): Promise<string[]> {
  const create = (businessNumber: string): Promise<string[]> =>
    sandbox.createGroups(GROUPS_OF_NUMBER, {
      custSpaceId: TENANT.custSpaceId,
      businessNumber,
      subject: 'Only read',
      participants: ['8613700000099'],
    });
  for (const number of UNCACHED) await create(number);
  return create(QUIET_NUMBER);
}
