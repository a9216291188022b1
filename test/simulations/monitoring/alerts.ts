import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Prometheus } from '../../support/prometheus.js';
import { type Stage, startStage } from '../soak/stage.js';
import { FAULT_SETTINGS, NOT_TRIED, REAL_FAULTS, type RealFault } from './real-faults.js';

const RULES = 'deploy/prometheus/rules.yml';
const FIRES_MS = 150_000;
const ENDS_MS = 60_000;
const PAUSE_MS = 500;

/** One alert and its fault. */
export interface Fired {
  readonly alert: string;
  readonly what: string;
  /** From the first fault; `undefined` if it did not fire, or fired already before. */
  readonly afterMs: number | undefined;
}

export interface AlertsReport {
  readonly fired: readonly Fired[];
  readonly notTried: Readonly<Record<string, string>>;
  /** Alerts of the file that are neither tried nor excused. */
  readonly forgotten: readonly string[];
}

/** Causes the fault of each alert, or of one, and waits until Prometheus says that it fires. */
export async function fireAlerts(only: string | undefined, stop: AbortSignal): Promise<AlertsReport> {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-alerts-'));
  const stage = await startStage(undefined, () => undefined, FAULT_SETTINGS);
  let prometheus: Prometheus | undefined;
  try {
    const rules = readFileSync(RULES, 'utf8');
    const file = join(folder, 'rules.yml');
    writeFileSync(file, hurried(rules));
    prometheus = await Prometheus.start({
      targets: stage.replicas.map(({ managementUrl }) => new URL(managementUrl).host),
      scrapeSeconds: 1,
      rules: file,
    });
    const fired: Fired[] = [];
    const faults = REAL_FAULTS.filter(({ alerts }) => only === undefined || alerts.includes(only));
    for (const fault of faults) fired.push(...(await cause(fault, stage, prometheus, stop)));
    const covered = new Set([...fired.map(({ alert }) => alert), ...Object.keys(NOT_TRIED)]);
    const all = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);
    const forgotten = only === undefined ? all.filter((name) => !covered.has(name)) : [];
    return { fired, notTried: NOT_TRIED, forgotten };
  } finally {
    await prometheus?.stop();
    await stage.close();
    rmSync(folder, { recursive: true });
  }
}

/** The rules with the same thresholds, over 15 s instead of minutes, so that a run takes minutes instead of hours. */
function hurried(rules: string): string {
  return rules.replace(/\[\d+m\]/g, '[15s]').replace(/for: \d+[mh]/g, 'for: 2s');
}

async function cause(
  { alerts, what, act, end }: RealFault,
  stage: Stage,
  prometheus: Prometheus,
  stop: AbortSignal,
): Promise<Fired[]> {
  const firing = async (): Promise<readonly string[]> =>
    (await prometheus.alerts()).filter(({ state }) => state === 'firing').map(({ name }) => name);
  // What an earlier fault has caused must be over, or nothing would be shown.
  for (const untilMs = performance.now() + ENDS_MS; performance.now() < untilMs; await sleep(PAUSE_MS)) {
    const before = await firing();
    if (!alerts.some((name) => before.includes(name))) break;
  }
  const early = await firing();
  const startedMs = performance.now();
  const after = new Map<string, number>();
  while (after.size < alerts.length && performance.now() - startedMs < FIRES_MS && !stop.aborted) {
    await act(stage);
    for (const name of await firing())
      if (alerts.includes(name) && !after.has(name)) after.set(name, performance.now() - startedMs);
    await sleep(PAUSE_MS);
  }
  await end?.(stage);
  return alerts.map((alert) => ({
    alert,
    what,
    afterMs: early.includes(alert) ? undefined : after.get(alert),
  }));
}
