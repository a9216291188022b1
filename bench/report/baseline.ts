import { readFileSync, writeFileSync } from 'node:fs';
import { type Figure, isMet } from './figure.js';

const FILE = new URL('../baseline.json', import.meta.url);
/** A ratio may drop by this much. */
const MAX_LOSS = 0.15;

/** Ratios by name. */
type Baseline = Readonly<Record<string, number>>;

/** Saves the ratios for later checks. Keeps those of workloads that were not measured. */
export function saveBaseline(figures: readonly Figure[]): void {
  const saved = { ...readBaseline(), ...ratiosIn(figures) };
  writeFileSync(FILE, `${JSON.stringify(saved, null, 2)}\n`);
}

/** A ratio below the baseline. */
export interface Loss {
  /** The name of the ratio. */
  readonly name: string;
  readonly text: string;
}

/** The ratios that dropped too far below the baseline. */
export function lossesOf(figures: readonly Figure[], baseline: Baseline = readBaseline()): Loss[] {
  return Object.entries(ratiosIn(figures)).flatMap(([name, value]) => {
    const saved = baseline[name];
    if (saved === undefined || value >= saved * (1 - MAX_LOSS)) return [];
    const lost = Math.round((1 - value / saved) * 100);
    const text = `${name}: ${value.toFixed(2)} ×, ${lost} % below the ${saved.toFixed(2)} × in bench/baseline.json`;
    return { name, text };
  });
}

/** Describes upstream calls above the target. These do not depend on the speed of the machine. */
export function excessCalls(figures: readonly Figure[]): string[] {
  return figures
    .filter((figure) => figure.unit === 'calls' && !isMet(figure))
    .map(({ name, value, target }) => `${name}: ${value} calls instead of ${target}`);
}

function ratiosIn(figures: readonly Figure[]): Baseline {
  const ratios = figures.filter(({ unit }) => unit === '×');
  return Object.fromEntries(ratios.map(({ name, value }) => [name, Math.round(value * 1_000) / 1_000]));
}

function readBaseline(): Baseline {
  return JSON.parse(readFileSync(FILE, 'utf8')) as Baseline;
}
