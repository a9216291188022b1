import { closedLoop, type Load, type Seen } from '../load/closed-loop.js';
import type { LoadRequest } from '../load/load-request.js';
import { Ground } from '../servers/ground.js';
import type { Site } from '../servers/site.js';
import type { Server, ServerName } from '../servers/server.js';
import { startServer } from '../servers/start.js';
import type { Plan, Workload } from '../workloads/workload.js';
import { compareAnswers } from './compare.js';
import { measure, type Measurement, medianOf } from './measure.js';

export interface Effort {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
}

/** What a server did under a workload. */
export interface Row extends Measurement {
  readonly workload: string;
  readonly title: string;
  readonly server: ServerName;
  /** Requests a second, round by round. */
  readonly rounds: readonly number[];
}

/** On a slow machine rates still rose after four. */
const WARM_UP_SECONDS = 10;
/** A server that had nothing to do for a while is woken before it is measured. */
const WAKE_UP_SECONDS = 0.5;

/**
 * Measures each server of a workload in turn, round by round, so that what the machine does meanwhile hits all of them.
 * Throws `AnswersDiffer` before that when they do not answer alike.
 */
export async function runRounds(
  site: Site,
  workload: Workload,
  effort: Effort,
  tell: (line: string) => unknown,
): Promise<Row[]> {
  const ground = await Ground.prepare(site);
  try {
    await workload.fill?.(ground.upstream);
    const servers: Server[] = [];
    for (const name of workload.servers) servers.push(await startServer(name, ground));
    const judged = servers.filter(({ name }) => name !== 'node:http');
    await compareAnswers(judged, await workload.samples(ground.tokens, ground.upstream));
    const run = new Rounds(workload, effort, ground);
    for (const server of servers) await run.warmUp(server);
    const measured = new Map<Server, Measurement[]>(servers.map((server) => [server, []]));
    for (let round = 1; round <= effort.rounds; round += 1) {
      for (const [server, measurements] of measured) {
        const measurement = await run.round(server, round);
        measurements.push(measurement);
        tell(
          `${workload.name} ${round}/${effort.rounds} ${server.name}: ${Math.round(measurement.perSecond)}/s`,
        );
      }
    }
    return [...measured].map(([{ name }, measurements]) => ({
      workload: workload.name,
      title: workload.title,
      server: name,
      ...medianOf(measurements),
      rounds: measurements.map(({ perSecond }) => perSecond),
    }));
  } finally {
    await ground.close();
  }
}

class Rounds {
  constructor(
    private readonly workload: Workload,
    private readonly effort: Effort,
    private readonly ground: Ground,
  ) {}

  async warmUp(server: Server): Promise<void> {
    const once = this.workload.beforehand?.(this.ground.tokens);
    if (once) await this.#send(server, this.#shared(once), { requests: once.length });
    await this.#send(server, await this.#plan(server, 0), this.#until(WARM_UP_SECONDS));
  }

  async round(server: Server, round: number): Promise<Measurement> {
    const requests = await this.#plan(server, round);
    if (this.workload.requestsPerRound === undefined)
      await this.#send(server, requests, { seconds: WAKE_UP_SECONDS });
    return measure(server, this.#load(server, requests, this.#until(this.effort.seconds)), this.ground);
  }

  #plan(server: Server, round: number): Promise<Plan> {
    const { tokens, upstream } = this.ground;
    return this.workload.plan({ server, tokens, upstream, round, connections: this.effort.connections });
  }

  #until(seconds: number): Load['until'] {
    const { requestsPerRound } = this.workload;
    return requestsPerRound === undefined ? { seconds } : { requests: requestsPerRound };
  }

  /** Each connection gets its share. */
  #shared(requests: readonly LoadRequest[]): Plan {
    return (connection) => requests.filter((_, index) => index % this.effort.connections === connection);
  }

  #send(server: Server, requests: Plan, until: Load['until']): Promise<Seen> {
    return closedLoop(this.#load(server, requests, until));
  }

  #load(server: Server, requests: Plan, until: Load['until']): Load {
    const { status, accepts } = this.workload;
    const { connections } = this.effort;
    return { url: server.process.url, connections, requests, status, accepts, until };
  }
}
