import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Prometheus } from '../../support/prometheus.js';
import { startStage } from '../soak/stage.js';
import type { FaultStage, RealFault } from './real-fault.js';
import { FAULT_SETTINGS, REAL_FAULTS } from './real-faults.js';
import { hostOf } from './third-gateway.js';
import { THIRD_GATEWAY_FAULTS } from './third-gateway-faults.js';

const RULES = 'deploy/prometheus/rules.yml';
const FIRES_MS = 150_000;
const ENDS_MS = 60_000;
/** Longer than an alert takes to fire for what was scraped before. */
const PREPARED_MS = 5_000;
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
  /** Alerts of the file without a fault here. */
  readonly forgotten: readonly string[];
}

/** Causes the fault of each alert, or of one, and waits until Prometheus says that it fires. */
export async function fireAlerts(only: string | undefined, stop: AbortSignal): Promise<AlertsReport> {
  const stage = await startStage(undefined, () => undefined, FAULT_SETTINGS);
  const folder = mkdtempSync(join(tmpdir(), 'gateway-alerts-'));
  let prometheus: Prometheus | undefined;
  try {
    const rules = readFileSync(RULES, 'utf8');
    const file = join(folder, 'rules.yml');
    writeFileSync(file, hurried(rules));
    prometheus = await Prometheus.start({
      targets: stage.replicas.map(hostOf),
      scrapeSeconds: 1,
      rules: file,
    });
    const fired: Fired[] = [];
    const faults = [...THIRD_GATEWAY_FAULTS, ...REAL_FAULTS].filter(
      ({ alerts }) => only === undefined || alerts.includes(only),
    );
    for (const fault of faults) fired.push(...(await cause(fault, { ...stage, prometheus }, stop)));
    const covered = new Set(fired.map(({ alert }) => alert));
    const all = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);
    const forgotten = only === undefined ? all.filter((name) => !covered.has(name)) : [];
    return { fired, forgotten };
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

async function cause(fault: RealFault, stage: FaultStage, stop: AbortSignal): Promise<readonly Fired[]> {
  const { alerts, what, prepare, act, end } = fault;
  const firing = async (): Promise<readonly string[]> =>
    (await stage.prometheus.alerts())
      .filter(({ state, name }) => state === 'firing' && alerts.includes(name))
      .map(({ name }) => name);
  // What an earlier fault has caused must be over, or nothing would be shown.
  for (const untilMs = performance.now() + ENDS_MS; performance.now() < untilMs; await sleep(PAUSE_MS))
    if ((await firing()).length === 0) break;
  try {
    if (prepare) {
      await prepare(stage);
      await sleep(PREPARED_MS);
    }
    const early = await firing();
    const startedMs = performance.now();
    const after = new Map<string, number>();
    while (after.size < alerts.length && performance.now() - startedMs < FIRES_MS && !stop.aborted) {
      await act(stage);
      for (const name of await firing()) if (!after.has(name)) after.set(name, performance.now() - startedMs);
      await sleep(PAUSE_MS);
    }
    return alerts.map((alert) => ({
      alert,
      what,
      afterMs: early.includes(alert) ? undefined : after.get(alert),
    }));
  } finally {
    await end?.(stage);
  }
}
