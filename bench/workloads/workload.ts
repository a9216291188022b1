import type { Tokens } from '../data/tokens.js';
import type { Upstream } from '../data/upstream.js';
import type { LoadRequest } from '../load/load-request.js';
import type { Server, ServerName } from '../servers/server.js';

/** What a plan of requests is made of. */
export interface Occasion {
  readonly server: Server;
  readonly tokens: Tokens;
  readonly upstream: Upstream;
  /** Counted from 1; 0 is the warm-up. */
  readonly round: number;
  readonly connections: number;
}

/** What each connection sends. */
export type Plan = (connection: number) => readonly LoadRequest[];

/** Requests that several servers are measured with. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  /** The first is the one that the others are compared with. */
  readonly servers: readonly ServerName[];
  /** Of every answer under load. */
  readonly status: number;
  readonly accepts: (body: string) => boolean;
  /** Of a measurement; without it time ends one. */
  readonly requestsPerRound?: number;
  /** Puts into the sandbox what is asked for. */
  fill?(upstream: Upstream): Promise<void>;
  /** Requests whose answers must be the same everywhere. */
  samples(tokens: Tokens, upstream: Upstream): Promise<readonly LoadRequest[]>;
  /** Sent once to each server before anything is measured, besides the plan of round 0. */
  readonly beforehand?: (tokens: Tokens) => readonly LoadRequest[];
  plan(occasion: Occasion): Promise<Plan>;
}

/** One after the other, each connection from a place of its own. */
export function inTurn(requests: readonly LoadRequest[]): Plan {
  return (connection) => {
    const start = connection % requests.length;
    return [...requests.slice(start), ...requests.slice(0, start)];
  };
}
