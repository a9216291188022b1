import { setTimeout as sleep } from 'node:timers/promises';
import type { Group, Scope } from './groups.js';
import type { Random } from './random.js';
import { readGroup, readList, type ReadLoad, readMembers } from './reads.js';

const GRAPHQL_SHARE = 0.04;
const MEMBERS_SHARE = 0.4;
const LONGEST_PAUSE_MS = 20;
/** How many of the latest temporary groups, existing or not, are read in addition to the permanent ones. */
const LATEST = 3;

/** Reads lists of random scopes through random replicas until the signal. */
export async function readAgainAndAgain(load: ReadLoad, random: Random, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(random.between(0, LONGEST_PAUSE_MS));
    await readList(load, random.pick(load.scopes), random.pick(load.replicas), random.next() < GRAPHQL_SHARE);
  }
}

/** Reads random groups with a known ID, or their members, through random replicas until the signal. */
export async function lookAgainAndAgain(load: ReadLoad, random: Random, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(random.between(0, LONGEST_PAUSE_MS));
    const group = random.pick(present(random.pick(load.scopes)));
    const read = random.next() < MEMBERS_SHARE ? readMembers : readGroup;
    await read(load, group, random.pick(load.replicas));
  }
}

/** Returns the permanent groups and the latest temporary ones. */
function present({ groups }: Scope): Group[] {
  const known = [...groups.values()].filter(({ id }) => id !== undefined);
  const passing = known.filter(({ passing }) => passing);
  return [...known.filter(({ passing }) => !passing), ...passing.slice(-LATEST)];
}
