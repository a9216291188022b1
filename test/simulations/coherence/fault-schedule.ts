import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultLog } from './fault-log.js';
import { FAULT_KINDS, type FaultKind } from './faults.js';
import type { Random } from './random.js';
import type { Stage } from './stage.js';

const LEAST_GAP_MS = 50;
const MOST_GAP_MS = 550;
/**
 * The settle window is stored in Redis, so these never run while lists lag or just before: the promise does not cover
 * that.
 */
const LOSES_KEYS: ReadonlySet<string> = new Set(['redis-flush', 'redis-evict']);
const REST_MS = 250;

/** Injects random faults, several at the same time, until the signal. Resolves when all of them have ended. */
export async function injectFaults(
  stage: Stage,
  random: Random,
  log: FaultLog,
  signal: AbortSignal,
): Promise<void> {
  const busy = new Set<string>();
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  // One of each kind first, so that a short run has all of them.
  const first = shuffled(Object.entries(FAULT_KINDS), random);
  while (!signal.aborted && failures.length === 0) {
    await sleep(random.between(LEAST_GAP_MS, MOST_GAP_MS));
    const early = first.shift();
    const [name, kind] = early ?? drawKind(random);
    const replica = random.pick(stage.replicas);
    const drawn = kind.draw(stage, random, replica);
    const needs = needsOf(name, kind, replica.name);
    if (needs.some((what) => busy.has(what))) {
      if (early) first.push(early);
      continue;
    }
    for (const what of needs) busy.add(what);
    const over = log.start(name, drawn.what);
    const run = drawn
      .run()
      .then(() => sleep(REST_MS))
      .catch((error: unknown) => failures.push(error))
      .finally(() => {
        for (const what of needs) busy.delete(what);
        running.delete(run);
        setTimeout(over, Math.max(0, kind.aftermathMs - REST_MS)).unref();
      })
      .then(() => undefined);
    running.add(run);
  }
  await Promise.all(running);
  for (const failure of failures) throw failure;
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, place: random.next() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

function drawKind(random: Random): [string, FaultKind] {
  const kinds = Object.entries(FAULT_KINDS);
  let place = random.next() * kinds.reduce((sum, [, { weight }]) => sum + weight, 0);
  for (const entry of kinds) {
    place -= entry[1].weight;
    if (place < 0) return entry;
  }
  return drawKind(random);
}

function needsOf(name: string, { on }: FaultKind, replica: string): string[] {
  const link = name.startsWith('proxy') ? `redis of ${replica}` : `upstream of ${replica}`;
  const own = on === 'replica' ? link : on;
  return LOSES_KEYS.has(name) ? [own, 'lag'] : [own];
}
