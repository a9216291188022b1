import type { Tokens } from '../data/tokens.js';
import type { Upstream } from '../data/upstream.js';
import type { LoadRequest } from '../load/load-request.js';
import type { Server, ServerName } from '../servers/server.js';

/** What a workload needs to plan its requests. */
export interface PlanContext {
  readonly server: Server;
  readonly tokens: Tokens;
  readonly upstream: Upstream;
  /** Starts at 1; round 0 is the warm-up. */
  readonly round: number;
  readonly connections: number;
}

/** The requests of each connection. */
export type Plan = (connection: number) => readonly LoadRequest[];

/** Requests that are sent to several servers. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  /** The others are compared with the first. */
  readonly servers: readonly ServerName[];
  /** Expected of every response under load. */
  readonly status: number;
  readonly accepts: (body: string) => boolean;
  /** Ends a measurement after this number of requests; without it, a measurement ends after a time. */
  readonly requestsPerRound?: number;
  /** Creates the groups in the sandbox. */
  fill?(upstream: Upstream): Promise<void>;
  /** Requests for which all servers must return identical responses. */
  samples(tokens: Tokens, upstream: Upstream): Promise<readonly LoadRequest[]>;
  /** Sent once to each server during warm-up, before the plan of round 0. */
  readonly warmUpOnce?: (tokens: Tokens) => readonly LoadRequest[];
  plan(context: PlanContext): Promise<Plan>;
}

/** Each connection sends all requests in turn, starting at a different one. */
export function inTurn(requests: readonly LoadRequest[]): Plan {
  return (connection) => {
    const start = connection % requests.length;
    return [...requests.slice(start), ...requests.slice(0, start)];
  };
}
