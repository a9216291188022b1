import type { Options } from '../options.js';
import type { Figure } from '../report/figure.js';
import { ratiosOf } from '../report/ratios.js';
import type { Results } from '../report/results.js';
import type { Site } from '../servers/site.js';
import { SINGLE_FIGURES, workloads } from '../workloads/catalogue.js';
import { type Row, runRounds } from './rounds.js';

/** Measures all that is asked for, one after the other; nothing else runs meanwhile. */
export async function run(
  site: Site,
  options: Options,
  tell: (line: string) => unknown,
): Promise<Pick<Results, 'rows' | 'figures'>> {
  const { rounds, seconds, connections, only } = options;
  const effort = { rounds, seconds, connections };
  const isAsked = (name: string): boolean => only === undefined || only.includes(name);
  const rows: Row[] = [];
  for (const workload of workloads(effort).filter(({ name }) => isAsked(name)))
    rows.push(...(await runRounds(site, workload, effort, tell)));
  const figures: Figure[] = ratiosOf(rows);
  for (const [name, measure] of Object.entries(SINGLE_FIGURES)) {
    if (!isAsked(name)) continue;
    tell(name);
    figures.push(...(await measure(site, effort)));
  }
  return { rows, figures };
}
