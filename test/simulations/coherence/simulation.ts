import { setTimeout as sleep } from 'node:timers/promises';
import { Checker } from './checker.js';
import { FaultLog } from './fault-log.js';
import { injectFaults } from './fault-schedule.js';
import { FAULT_KINDS } from './faults.js';
import { Findings } from './findings.js';
import { createScopes, type Scope } from './groups.js';
import { call } from './http.js';
import { Members } from './members.js';
import type { Options } from './options.js';
import { Random } from './random.js';
import { lookAgainAndAgain, readAgainAndAgain } from './readers.js';
import { report, type Report } from './report.js';
import { INTENT_MS, LOOKERS, WRITERS } from './settings.js';
import type { Replica, Stage } from './stage.js';
import { Tally, wayOf } from './tally.js';
import { lookUpstream, Writer } from './writers.js';

const FAULT_SEED = 1;
const READER_SEED = 1_000;
const WRITER_SEED = 2_000;
const LOOKER_SEED = 3_000;
const RECOVERY_MS = 10_000;

/** Runs load, faults and the checker for the requested time or until the signal, then checks the final state. */
export async function simulate(options: Options, stage: Stage, stop: AbortSignal): Promise<Report> {
  const { scopes, membersOf } = await createScopes(stage.sandbox);
  await warmUp(stage, scopes);
  const startedAtMs = performance.now();
  const findings = new Findings(scopes, startedAtMs);
  const checker = new Checker(findings);
  const members = new Members(findings);
  for (const [group, numbers] of membersOf) {
    checker.add(group, true);
    members.joined(group, numbers);
  }
  const tally = new Tally();
  const faults = new FaultLog(Object.keys(FAULT_KINDS), (what) => findings.note(undefined, what));
  const coherentAtMs = new Map<Scope, number>();
  const load = { ...stage, scopes, findings, checker, members, tally, faults, coherentAtMs };
  const random = (stream: number): Random => new Random(options.seed * 65_537 + stream);
  const lasting = [...membersOf.keys()];

  const over = new AbortController();
  const signal = AbortSignal.any([stop, over.signal, AbortSignal.timeout(options.durationMs)]);
  const parts = [
    injectFaults(stage, random(FAULT_SEED), faults, signal),
    ...Array.from({ length: options.readers }, (_, index) =>
      readAgainAndAgain(load, random(READER_SEED + index), signal),
    ),
    ...Array.from({ length: LOOKERS }, (_, index) =>
      lookAgainAndAgain(load, random(LOOKER_SEED + index), signal),
    ),
    ...Array.from({ length: WRITERS }, (_, index) => {
      const own = lasting.filter((_group, place) => place % WRITERS === index);
      return new Writer(load, own, random(WRITER_SEED + index)).writeAgainAndAgain(signal);
    }),
  ];
  for (const part of parts) part.catch(() => over.abort());
  // One violation is enough to show that the run detects the missing step.
  if (options.broken !== undefined) findings.onViolation(() => over.abort());
  await Promise.all(parts);
  const seconds = Math.round((performance.now() - startedAtMs) / 1_000);

  const failures = [...stage.crashes(), ...(await comeBack(stage, scopes))];
  await sleep(INTENT_MS);
  for (const { groups } of scopes) for (const group of groups.values()) await lookUpstream(load, group);
  stage.upstreamWrites.judge(findings);
  return report(options, { seconds, tally, findings, faults, lists: stage.lists, failures });
}

/** Waits until the quarantine after the start of Redis is over, then reads every scope through every replica. */
async function warmUp(stage: Stage, scopes: readonly Scope[]): Promise<void> {
  await sleep(INTENT_MS + 1_000);
  for (const { url } of stage.replicas) for (const { path } of scopes) await call(url + path);
}

/** Reports replicas that do not serve from the cache again after all faults are over. */
async function comeBack({ replicas }: Stage, scopes: readonly Scope[]): Promise<string[]> {
  const deadlineMs = performance.now() + RECOVERY_MS;
  const late = await Promise.all(replicas.map((replica) => untilItHits(replica, scopes, deadlineMs)));
  return late.flat();
}

async function untilItHits(
  { name, url }: Replica,
  scopes: readonly Scope[],
  deadlineMs: number,
): Promise<string[]> {
  for (const { path } of scopes) {
    while (wayOf((await call(url + path)).headers['cache-status']) !== 'hit') {
      if (performance.now() > deadlineMs)
        return [`${name} did not serve from the cache again within ${RECOVERY_MS} ms`];
      await sleep(50);
    }
  }
  return [];
}
