import type { Options } from '../options.js';
import type { Figure } from '../report/figure.js';
import { ratiosOf } from '../report/ratios.js';
import type { Results } from '../report/results.js';
import type { Run } from '../servers/run.js';
import { SINGLE_FIGURES, workloads } from '../workloads/catalogue.js';
import { type Row, runRounds } from './rounds.js';

/** Measures everything that was selected, one after the other. */
export async function measureAll(
  run: Run,
  options: Options,
  log: (line: string) => unknown,
): Promise<Pick<Results, 'rows' | 'figures'>> {
  const { rounds, seconds, connections, only } = options;
  const effort = { rounds, seconds, connections };
  const isSelected = (name: string): boolean => only === undefined || only.includes(name);
  const rows: Row[] = [];
  for (const workload of workloads(effort).filter(({ name }) => isSelected(name)))
    rows.push(...(await runRounds(run, workload, effort, log)));
  const figures: Figure[] = ratiosOf(rows);
  for (const [name, measure] of Object.entries(SINGLE_FIGURES)) {
    if (!isSelected(name)) continue;
    log(name);
    figures.push(...(await measure(run, effort)));
  }
  return { rows, figures };
}
