import type { LoggedCall } from '../../support/sandbox-control.js';

/** How often something was counted, by what it was. */
export type Counts = ReadonlyMap<string, number>;

/** What one source counted differently from another. */
export interface Difference {
  readonly key: string;
  readonly what: string;
  readonly measured: number;
  readonly logged: number;
}

/** Counts the request lines of gateways. */
export class RequestLines {
  readonly requests = new Map<string, number>();
  readonly errors = new Map<string, number>();

  line(text: string): void {
    if (!text.includes('"msg":"request"')) return;
    const { method, route, status, code, listener } = JSON.parse(text) as Record<string, string | undefined>;
    if (listener === 'management') return;
    add(this.requests, `${method} ${route} ${status}`, 1);
    if (code !== undefined) add(this.errors, code, 1);
  }
}

/** Adds up a metric of several scrapes, by the values of these labels. Only series that contain `part`, if given. */
export function measured(
  scrapes: readonly string[],
  name: string,
  labels: readonly string[],
  part = '',
): Counts {
  const counts = new Map<string, number>();
  for (const line of scrapes.flatMap((text) => text.split('\n'))) {
    if (!line.startsWith(`${name}{`) || !line.includes(part)) continue;
    const values = labels.map((label) => new RegExp(`[{,]${label}="([^"]*)"`).exec(line)?.[1] ?? '');
    const value = Number(line.split(' ').at(-1));
    if (value > 0) add(counts, values.join(' '), value);
  }
  return counts;
}

export function byAction(calls: readonly LoggedCall[]): Counts {
  const counts = new Map<string, number>();
  for (const { action } of calls) add(counts, action, 1);
  return counts;
}

/** `uncertain`: how many of those measured may be missing in the log. */
export function differences(
  what: string,
  ofMetrics: Counts,
  ofLog: Counts,
  uncertain?: Counts,
): Difference[] {
  return [...new Set([...ofMetrics.keys(), ...ofLog.keys()])]
    .map((key) => ({
      key,
      what: `${what} ${key}`,
      measured: ofMetrics.get(key) ?? 0,
      logged: ofLog.get(key) ?? 0,
    }))
    .filter(({ key, measured: one, logged }) => one < logged || one > logged + (uncertain?.get(key) ?? 0));
}

export function total(counts: Counts): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

function add(counts: Map<string, number>, key: string, more: number): void {
  counts.set(key, (counts.get(key) ?? 0) + more);
}
