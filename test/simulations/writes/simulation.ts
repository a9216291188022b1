import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../coherence/random.js';
import { SandboxControl } from '../../support/sandbox-control.js';
import { CallIndex } from './call-index.js';
import { carryOut } from './client.js';
import { Disasters } from './disasters.js';
import { Executed } from './executed.js';
import { makeGroups } from './groups.js';
import { Ledger } from './ledger.js';
import type { Options } from './options.js';
import { planWrites, type Write } from './plan.js';
import { report, type Report } from './report.js';
import { CLIENTS, TIMES } from './settings.js';
import { startGateways, type StageWithoutGateways } from './stage.js';
import { FaultPoints } from './fault-points.js';
import { judge } from './verdict.js';

/** How often the sandbox's log is read, before it drops old calls. */
const LOG_EVERY_WRITES = 3_000;

/** Sends all writes, under faults until the last one has begun, then checks their outcomes. */
export async function simulate(
  options: Options,
  stores: StageWithoutGateways,
  stop: AbortSignal,
): Promise<Report> {
  const { count, seed } = options;
  const writes = planWrites(count, seed, new Random(seed * 65_537));
  await makeGroups(new SandboxControl(stores.sandboxUrl), writes);
  const index = new CallIndex(writes);
  const faultPoints = new FaultPoints(new Map(writes.map((write) => [write.recordKey, write])));
  const ledger = new Ledger();
  const stage = await startGateways(stores, options.replicas, faultPoints, index, ledger);
  const executed = new Executed(stage.sandbox, index);
  const disasters = new Disasters(stage, faultPoints, ledger, new Random(seed * 65_537 + 1));

  const startedAtMs = performance.now();
  const over = new AbortController();
  const repaired = disasters.run(AbortSignal.any([stop, over.signal]));
  repaired.catch(() => over.abort());
  const simulation = {
    replicas: stage.replicas,
    ledger,
    seed,
    answered: disasters.answered.bind(disasters),
  };
  await carryOutAll(writes, async (write, place) => {
    if (stop.aborted || stage.crashes().length > 0) return;
    // With the last writes, faults would hit the same few again and again.
    if (place === writes.length - 1) over.abort();
    if (place % LOG_EVERY_WRITES === LOG_EVERY_WRITES - 1) await executed.readLog();
    await carryOut(simulation, write);
  });
  over.abort();
  await repaired;
  stop.throwIfAborted();
  const seconds = Math.round((performance.now() - startedAtMs) / 1_000);

  // The last calls may still be executed.
  await sleep(TIMES.callMs + TIMES.lateApplyMs);
  await executed.readAll(writes);
  const breaches = writes.flatMap((write) => judge(write, { executed, faultPoints, ledger }));
  for (const { write } of breaches) await ledger.addOperations(write, stage.state);
  return report(options, {
    seconds,
    writes,
    ledger,
    faultPoints,
    disasters,
    breaches,
    failures: stage.crashes(),
  });
}

/** Carries out all writes, each client one after the other. */
async function carryOutAll(
  writes: readonly Write[],
  work: (write: Write, place: number) => Promise<void>,
): Promise<void> {
  const rest = writes.entries();
  const client = async (): Promise<void> => {
    for (const [place, write] of rest) await work(write, place);
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
}
