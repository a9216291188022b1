import { setTimeout as sleep } from 'node:timers/promises';
import type { Group, Scope } from './groups.js';
import type { Random } from './random.js';
import { readGroup, readList, type ReadLoad, readMembers } from './reads.js';

const GRAPHQL_SHARE = 0.04;
const MEMBERS_SHARE = 0.4;
const LONGEST_PAUSE_MS = 20;
/** How many of the groups that were made last, there or not, are looked at besides those that stay. */
const LATEST = 3;

/** One reader of lists: any scope, through any replica, again and again until the signal. */
export async function readAgainAndAgain(load: ReadLoad, random: Random, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(random.between(0, LONGEST_PAUSE_MS));
    await readList(load, random.pick(load.scopes), random.pick(load.replicas), random.next() < GRAPHQL_SHARE);
  }
}

/** One reader of single groups and of members: any that has an id, through any replica. */
export async function lookAgainAndAgain(load: ReadLoad, random: Random, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(random.between(0, LONGEST_PAUSE_MS));
    const group = random.pick(present(random.pick(load.scopes)));
    const read = random.next() < MEMBERS_SHARE ? readMembers : readGroup;
    await read(load, group, random.pick(load.replicas));
  }
}

/** Groups that stay, and the latest of those that do not. */
function present({ groups }: Scope): Group[] {
  const known = [...groups.values()].filter(({ id }) => id !== undefined);
  const passing = known.filter(({ passing }) => passing);
  return [...known.filter(({ passing }) => !passing), ...passing.slice(-LATEST)];
}
