import type { Options } from '../options.js';
import { type Comparison, comparisonsOf } from '../report/comparison.js';
import { type Figure } from '../report/figure.js';
import { ratiosOf } from '../report/ratios.js';
import type { Results } from '../report/results.js';
import type { Run } from '../servers/run.js';
import type { ServerName } from '../servers/server.js';
import { SINGLE_FIGURES, workloads } from '../workloads/catalogue.js';
import { type Row, runRounds } from './rounds.js';

/** Measures all selected workloads, one after the other. */
export async function measureAll(
  run: Run,
  options: Options,
  log: (line: string) => unknown,
): Promise<Pick<Results, 'rows' | 'figures' | 'comparisons'>> {
  const { rounds, seconds, connections, only } = options;
  const effort = { rounds, seconds, connections };
  const isSelected = (name: string): boolean => only === undefined || only.includes(name);
  const rows: Row[] = [];
  for (const workload of workloads(effort).filter(({ name }) => isSelected(name))) {
    const servers = selectServers(workload.servers, options);
    if (servers.length > 0) rows.push(...(await runRounds(run, { ...workload, servers }, effort, log)));
  }
  const figures: Figure[] = ratiosOf(rows);
  const comparisons: Comparison[] = comparisonsOf(rows);
  for (const [name, measure] of Object.entries(SINGLE_FIGURES)) {
    if (!isSelected(name)) continue;
    log(name);
    const found = await measure(run, effort);
    figures.push(...found.figures);
    comparisons.push(...(found.comparisons ?? []));
  }
  return { rows, figures, comparisons };
}

/** Returns the servers to measure in a workload, with the other build right after this gateway. */
export function selectServers(
  servers: readonly ServerName[],
  { against, servers: selected }: Pick<Options, 'against' | 'servers'>,
): ServerName[] {
  return servers
    .flatMap((name): ServerName[] =>
      name === 'gateway' && against !== undefined ? [name, 'against'] : [name],
    )
    .filter((name) => selected === undefined || selected.includes(name));
}
