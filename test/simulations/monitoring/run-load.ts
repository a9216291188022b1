import { Random } from '../coherence/random.js';
import { repeatFaults } from '../soak/faults.js';
import { Groups } from '../soak/groups.js';
import { Judgement } from '../soak/judgement.js';
import { SoakLoad } from '../soak/load.js';
import { Requests } from '../soak/requests.js';
import { arrange } from '../soak/simulation.js';
import type { Stage } from '../soak/stage.js';

export interface LoadOptions {
  readonly seed: number;
  /** Requests per second. */
  readonly rate: number;
  /** Whether the sandbox keeps its log of all calls, which grows. */
  readonly keepsCalls: boolean;
}

/** Sends the load of the soak under its faults until the signal, then waits for all responses. */
export async function runLoad(
  stage: Stage,
  { seed, rate, keepsCalls }: LoadOptions,
  end: AbortSignal,
): Promise<void> {
  const random = new Random(seed);
  const judgement = new Judgement();
  const quietGroups = await arrange(stage);
  const groups = await Groups.create(stage.sandbox, random);
  const requests = new Requests(random, groups, quietGroups, String(seed));
  const load = new SoakLoad(stage, requests, groups, judgement, random);
  const afterRound = async (): Promise<void> => {
    await groups.tidy();
    if (!keepsCalls) await stage.sandbox.forgetCalls();
  };
  try {
    await Promise.all([
      load.run(rate, end),
      repeatFaults(stage, end, (fault) => judgement.started(fault), afterRound),
    ]);
  } finally {
    load.close();
  }
}
