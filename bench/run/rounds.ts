import { closedLoop, type Load } from '../load/closed-loop.js';
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

/** The figures that are compared within a round. */
export type RoundFigures = Pick<Measurement, 'perSecond' | 'cpuMsPer1000'>;

/** The result of one server under one workload. */
export interface Row extends Measurement {
  readonly workload: string;
  readonly title: string;
  readonly server: ServerName;
  readonly rounds: readonly RoundFigures[];
}

/** On a slow machine, rates were still rising after four seconds. */
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

/** The load of a workload, as each of its servers gets it. */
export class Rounds {
  constructor(
    private readonly workload: Workload,
    private readonly effort: Effort,
    private readonly environment: Environment,
  ) {}

  async warmUp(server: Server): Promise<void> {
    const load = await this.load(server, 0);
    const once = this.workload.warmUpOnce?.(this.environment.tokens);
    if (once) await closedLoop({ ...load, requests: this.#split(once), until: { requests: once.length } });
    await closedLoop(this.#shortened(load, WARM_UP_SECONDS));
  }

  async round(server: Server, round: number): Promise<Measurement> {
    const load = await this.load(server, round);
    if (this.workload.requestsPerRound === undefined)
      await closedLoop(this.#shortened(load, WAKE_UP_SECONDS));
    return measure(server, load, this.environment);
  }

  /** Returns the load of a server in a round. */
  async load(server: Server, round: number): Promise<Load> {
    const { tokens, upstream } = this.environment;
    const { connections, seconds } = this.effort;
    const { status, accepts, requestsPerRound } = this.workload;
    return {
      url: server.process.url,
      connections,
      requests: await this.workload.plan({ server, tokens, upstream, round, connections }),
      status,
      accepts,
      until: requestsPerRound === undefined ? { seconds } : { requests: requestsPerRound },
    };
  }

  /** Changes the duration of a load, unless it ends after a number of requests. */
  #shortened(load: Load, seconds: number): Load {
    return 'seconds' in load.until ? { ...load, until: { seconds } } : load;
  }

  /** Splits the requests between the connections. */
  #split(requests: readonly LoadRequest[]): Plan {
    return (connection) => requests.filter((_, index) => index % this.effort.connections === connection);
  }
}
