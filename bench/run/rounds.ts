import { closedLoop, type Load, type LoadResult } from '../load/closed-loop.js';
import type { LoadRequest } from '../load/load-request.js';
import { Environment } from '../servers/environment.js';
import type { Run } from '../servers/run.js';
import type { Server, ServerName } from '../servers/server.js';
import { startServer } from '../servers/start-server.js';
import { inAlternation } from '../workloads/single-figures.js';
import type { Plan, Workload } from '../workloads/workload.js';
import { compareResponses } from './compare-responses.js';
import { measure, type Measurement, medianOf } from './measure.js';

export interface Effort {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
}

/** What is compared within a round. */
export type RoundFigures = Pick<Measurement, 'perSecond' | 'cpuMsPer1000'>;

/** The result of one server under one workload. */
export interface Row extends Measurement {
  readonly workload: string;
  readonly title: string;
  readonly server: ServerName;
  readonly rounds: readonly RoundFigures[];
}

/** On a slow machine rates were still rising after four seconds. */
const WARM_UP_SECONDS = 10;
/** A server that was idle gets some load before it is measured. */
const WAKE_UP_SECONDS = 0.5;

/**
 * Measures the servers of a workload in turn, round by round, so that changes of the machine affect all of them. Throws
 * `ResponsesDiffer` before that if their responses differ.
 */
export async function runRounds(
  run: Run,
  workload: Workload,
  effort: Effort,
  log: (line: string) => unknown,
): Promise<Row[]> {
  const environment = await Environment.prepare(run);
  try {
    await workload.fill?.(environment.upstream);
    const servers: Server[] = [];
    for (const name of workload.servers) servers.push(await startServer(name, environment));
    const compared = servers.filter(({ name }) => name !== 'node:http');
    await compareResponses(compared, await workload.samples(environment.tokens, environment.upstream));
    const rounds = new Rounds(workload, effort, environment);
    for (const server of servers) await rounds.warmUp(server);
    const measured = new Map<Server, Measurement[]>(servers.map((server) => [server, []]));
    for (let round = 1; round <= effort.rounds; round += 1) {
      for (const [server, measurements] of inAlternation([...measured], round)) {
        const measurement = await rounds.round(server, round);
        measurements.push(measurement);
        log(
          `${workload.name} ${round}/${effort.rounds} ${server.name}: ${Math.round(measurement.perSecond)}/s`,
        );
      }
    }
    return [...measured].map(([{ name }, measurements]) => ({
      workload: workload.name,
      title: workload.title,
      server: name,
      ...medianOf(measurements),
      rounds: measurements.map(({ perSecond, cpuMsPer1000 }) => ({ perSecond, cpuMsPer1000 })),
    }));
  } finally {
    await environment.close();
  }
}

class Rounds {
  constructor(
    private readonly workload: Workload,
    private readonly effort: Effort,
    private readonly environment: Environment,
  ) {}

  async warmUp(server: Server): Promise<void> {
    const once = this.workload.warmUpOnce?.(this.environment.tokens);
    if (once) await this.#send(server, this.#split(once), { requests: once.length });
    await this.#send(server, await this.#plan(server, 0), this.#until(WARM_UP_SECONDS));
  }

  async round(server: Server, round: number): Promise<Measurement> {
    const requests = await this.#plan(server, round);
    if (this.workload.requestsPerRound === undefined)
      await this.#send(server, requests, { seconds: WAKE_UP_SECONDS });
    return measure(server, this.#load(server, requests, this.#until(this.effort.seconds)), this.environment);
  }

  #plan(server: Server, round: number): Promise<Plan> {
    const { tokens, upstream } = this.environment;
    return this.workload.plan({ server, tokens, upstream, round, connections: this.effort.connections });
  }

  #until(seconds: number): Load['until'] {
    const { requestsPerRound } = this.workload;
    return requestsPerRound === undefined ? { seconds } : { requests: requestsPerRound };
  }

  /** Splits the requests between the connections. */
  #split(requests: readonly LoadRequest[]): Plan {
    return (connection) => requests.filter((_, index) => index % this.effort.connections === connection);
  }

  #send(server: Server, requests: Plan, until: Load['until']): Promise<LoadResult> {
    return closedLoop(this.#load(server, requests, until));
  }

  #load(server: Server, requests: Plan, until: Load['until']): Load {
    const { status, accepts } = this.workload;
    const { connections } = this.effort;
    return { url: server.process.url, connections, requests, status, accepts, until };
  }
}
