import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../coherence/random.js';
import { overGraphql } from './graphql-write.js';
import type { Ledger } from './ledger.js';
import type { Write } from './plan.js';
import { overRest } from './rest-write.js';
import { LAST_PATIENCE_MS, LINK_PATIENCE_MS, PATIENCE_MS } from './settings.js';
import type { Replica } from './stage.js';
import { isFinal, saysUnknown, type ClientOutcome } from './client-outcome.js';

/** The share of requests that may go to a killed or frozen gateway, and of retries that may go to the same gateway. */
const BLIND_SHARE = 0.08;
const SAME_SHARE = 0.2;
const LEAST_PAUSE_MS = 30;
const MOST_PAUSE_MS = 700;

export interface ClientSimulation {
  readonly replicas: readonly Replica[];
  readonly ledger: Ledger;
  readonly seed: number;
  /** Called with each outcome that a client got. */
  readonly answered: (write: Write, replica: Replica, outcome: ClientOutcome) => void;
}

/** Requests one write, retries until its outcome is known, and then replays it as often as planned. */
export async function carryOut(simulation: ClientSimulation, write: Write): Promise<void> {
  const random = new Random(simulation.seed * 1_000_003 + write.n);
  const endMs =
    performance.now() + (write.kind === 'link' || write.kind === 'unlink' ? LINK_PATIENCE_MS : PATIENCE_MS);
  let outcome: ClientOutcome;
  let last: Replica | undefined;
  let twice = write.twice;
  do {
    const replica = choose(simulation.replicas, last, random);
    const other = twice ? choose(simulation.replicas, replica, random) : undefined;
    twice = false;
    const both = [replica, ...(other ? [other] : [])].map((one) => ask(simulation, write, one, random));
    const answers = await Promise.all(both);
    outcome =
      answers.find((answer) => isFinal(answer)) ??
      answers[0] ??
      (await ask(simulation, write, replica, random));
    last = replica;
    if (isFinal(outcome)) break;
    await sleep(random.between(LEAST_PAUSE_MS, MOST_PAUSE_MS));
  } while (performance.now() < (saysUnknown(outcome) ? endMs : endMs + LAST_PATIENCE_MS));
  for (let time = 0; time < write.replays; time++) {
    await ask(simulation, write, choose(simulation.replicas, last, random), random);
  }
}

async function ask(
  simulation: ClientSimulation,
  write: Write,
  replica: Replica,
  random: Random,
): Promise<ClientOutcome> {
  const rest = random.next() < 0.5;
  const asked = simulation.ledger.ask(write, replica.name, rest ? 'REST' : 'GraphQL');
  const { url } = replica.process;
  const outcome = await (rest ? overRest(url, write) : overGraphql(url, write));
  asked.endedAtMs = Date.now();
  asked.outcome = outcome;
  simulation.answered(write, replica, outcome);
  return outcome;
}

function choose(replicas: readonly Replica[], last: Replica | undefined, random: Random): Replica {
  const blind = random.next() < BLIND_SHARE;
  const same = random.next() < SAME_SHARE;
  const well = replicas.filter((replica) => blind || !replica.hurt);
  const others = well.filter((replica) => same || replica !== last);
  return random.pick(others.length > 0 ? others : well.length > 0 ? well : replicas);
}
