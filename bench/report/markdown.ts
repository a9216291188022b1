import type { Row } from '../run/rounds.js';
import { type Figure, isMet } from './figure.js';
import { type Comparison, verdictOf } from './comparison.js';
import type { Results } from './results.js';
import { table } from './table.js';

/** Above this, the load generator may be the bottleneck. */
const BUSY_GENERATOR = 0.95;
/** It sends less than the others, which the table must point out. */
const PARTIAL_SERVER = 'fastify-7-fields';
/** Above this, other processes distort the figures. */
const BUSY_MACHINE = 0.1;

const COMPARISON =
  'The gateway compared with the other build, within each round. A difference counts only if the median and both quartiles lie on the same side of 1.';
const VERDICTS = {
  better: 'better',
  worse: '**worse**',
  'within spread': 'equal within the spread',
  'too few rounds': 'unclear: too few rounds',
} as const;

/** Renders the results as Markdown. */
export function markdown({ at, machine, others, effort, rows, figures, comparisons }: Results): string {
  const { node, cpu, cores, memoryGb } = machine;
  const { rounds, seconds, connections } = effort;
  const paragraphs = [
    `# Benchmark of ${at}`,
    `Node ${node}, ${cores} cores (${cpu}), ${memoryGb} GB; ${rounds} rounds of ${seconds} s, ${connections} connections, everything on loopback. Figures are medians of the rounds; ratios are taken within each round.`,
    ...(others > BUSY_MACHINE
      ? [
          `**Other processes used ${Math.round(others * 100)} % of the machine: treat these figures as a rough guide.**`,
        ]
      : []),
    ...(comparisons.length > 0 ? [COMPARISON, comparisonsTable(comparisons)] : []),
    ...(figures.length > 0 ? [figuresTable(figures)] : []),
    ...(rows.length > 0 ? [rowsTable(rows)] : []),
  ];
  if (rows.some(({ generatorLoad }) => generatorLoad >= BUSY_GENERATOR))
    paragraphs.push(
      '¹ The load generator was at its limit. The server may be faster; compare its CPU time instead of its rate.',
    );
  if (rows.some(({ server }) => server === PARTIAL_SERVER))
    paragraphs.push(
      `² \`${PARTIAL_SERVER}\` sends 7 of the 12 fields; all other servers send identical responses.`,
    );
  return `${paragraphs.join('\n\n')}\n`;
}

function figuresTable(figures: readonly Figure[]): string {
  const lines = figures.map((figure) => {
    const { title, value, unit, target } = figure;
    const wanted = target === null ? '' : `${unit === '×' ? '≥' : '≤'} ${target}${suffix(unit)}`;
    const verdict = target === null ? '' : isMet(figure) ? 'yes' : '**no**';
    return [title, `${formatted(value, unit)}${suffix(unit)}`, wanted, verdict];
  });
  return table(['figure', 'measured', 'target', 'met'], lines, 1);
}

function comparisonsTable(comparisons: readonly Comparison[]): string {
  const lines = comparisons.map((comparison) => {
    const { title, ratio } = comparison;
    const range = (from: number, to: number): string => `${from.toFixed(3)}–${to.toFixed(3)}`;
    return [
      title,
      `${ratio.median.toFixed(3)} ×`,
      range(ratio.lowerQuartile, ratio.upperQuartile),
      range(ratio.min, ratio.max),
      VERDICTS[verdictOf(comparison)],
    ];
  });
  return table(['gateway ÷ against', 'median', 'quartiles', 'min–max', 'the gateway is'], lines, 1);
}

function rowsTable(rows: readonly Row[]): string {
  const lines = rows.map((row) => [
    row.title,
    row.server,
    `${row.bodyBytes.toFixed(0)}${row.server === PARTIAL_SERVER ? ' ²' : ''}`,
    `${Math.round(row.perSecond)}${row.generatorLoad >= BUSY_GENERATOR ? ' ¹' : ''}`,
    row.p50.toFixed(2),
    row.p99.toFixed(2),
    row.cpuMsPer1000.toFixed(0),
    row.residentMb.toFixed(0),
    row.upstreamCallsPer1000.toFixed(1),
  ]);
  const columns = [
    'body bytes',
    'requests/s',
    'p50 ms',
    'p99 ms',
    'CPU ms per 1,000 requests',
    'RSS MB',
    'upstream calls per 1,000 requests',
  ];
  return table(['workload', 'server', ...columns], lines, 2);
}

function formatted(value: number, unit: Figure['unit']): string {
  if (unit === '×') return value.toFixed(2);
  return unit === 'ms' ? value.toFixed(value < 100 ? 2 : 0) : String(value);
}

function suffix(unit: Figure['unit']): string {
  if (unit === '×') return ' ×';
  return unit === 'ms' ? ' ms' : '';
}
