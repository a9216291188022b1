import { readFileSync, writeFileSync } from 'node:fs';
import { type Figure, isMet } from './figure.js';

const FILE = new URL('../baseline.json', import.meta.url);
/** More of a ratio than that must not get lost. */
const MAX_LOSS = 0.15;

/** Ratios by their names. */
type Baseline = Readonly<Record<string, number>>;

/** Keeps the ratios for later checks. Those of workloads that were not measured stay. */
export function saveBaseline(figures: readonly Figure[]): void {
  const saved = { ...readBaseline(), ...ratiosIn(figures) };
  writeFileSync(FILE, `${JSON.stringify(saved, null, 2)}\n`);
}

/** A ratio that is less than it was. */
export interface Loss {
  /** Of the ratio. */
  readonly name: string;
  readonly words: string;
}

/** Each ratio that was lost. */
export function lossesOf(figures: readonly Figure[], baseline: Baseline = readBaseline()): Loss[] {
  return Object.entries(ratiosIn(figures)).flatMap(([name, value]) => {
    const saved = baseline[name];
    if (saved === undefined || value >= saved * (1 - MAX_LOSS)) return [];
    const lost = Math.round((1 - value / saved) * 100);
    const words = `${name}: ${value.toFixed(2)} ×, ${lost} % less than the ${saved.toFixed(2)} × in bench/baseline.json`;
    return { name, words };
  });
}

/** Calls that should not have been, in words: no machine is too slow for these. */
export function callsTooMany(figures: readonly Figure[]): string[] {
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
