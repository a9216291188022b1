import type { Effort } from '../run/rounds.js';
import type { Run } from '../servers/run.js';
import { coldReads } from './cold.js';
import { GRAPHQL_LIST, GRAPHQL_LIST_SHORT, GRAPHQL_ZIPF } from './graphql-lists.js';
import { GRAPHQL_SINGLE } from './graphql-single.js';
import { halfPeak } from './half-peak.js';
import { herd } from './herd.js';
import { missCost } from './miss-cost.js';
import { MIXED } from './mixed.js';
import { REST_LIST, REST_LIST_GZIP, REST_LIST_SHORT, REST_NOT_MODIFIED } from './rest-lists.js';
import type { SingleFigures } from './single-figures.js';
import { start } from './start.js';
import type { Workload } from './workload.js';

/** About the rate at which a server responds. */
const COLD_READS_PER_SECOND = 250;

/** Workloads that put the same load on several servers. */
export function workloads({ rounds, seconds }: Effort): readonly Workload[] {
  return [
    GRAPHQL_LIST,
    GRAPHQL_LIST_SHORT,
    GRAPHQL_ZIPF,
    GRAPHQL_SINGLE,
    REST_LIST,
    REST_LIST_SHORT,
    REST_LIST_GZIP,
    REST_NOT_MODIFIED,
    coldReads(rounds, seconds * COLD_READS_PER_SECOND),
    MIXED,
  ];
}

/** Figures that are measured in another way. */
export const SINGLE_FIGURES: Readonly<Record<string, (run: Run, effort: Effort) => Promise<SingleFigures>>> =
  {
    'miss-cost': (run, { rounds }) => missCost(run, rounds),
    'half-peak': halfPeak,
    herd: (run, { rounds }) => herd(run, rounds),
    start: (run, { rounds }) => start(run, rounds),
  };

/** Every name that `--only` accepts. */
export const NAMES: readonly string[] = [
  ...workloads({ rounds: 1, seconds: 1, connections: 1 }).map(({ name }) => name),
  ...Object.keys(SINGLE_FIGURES),
];
