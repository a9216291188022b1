import { closedLoop, type Load } from '../load/closed-loop.js';
import type { Ground } from '../servers/ground.js';
import type { Server } from '../servers/server.js';
import { cpuMs, residentMb } from '../statistics/process-usage.js';
import { median } from '../statistics/quantile.js';

/** One measurement of one server. Times in ms. */
export interface Measurement {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** CPU time of the server for 1,000 requests, user and system. */
  readonly cpuMsPer1000: number;
  readonly residentMb: number;
  /** Calls that reached CAMS for 1,000 requests. */
  readonly upstreamCallsPer1000: number;
  /** Of the time, how much of a core the load generator used: near 1 it is what was measured. */
  readonly generatorLoad: number;
}

/** Puts a load on a server, and sees what it costs. */
export async function measure(server: Server, load: Load, { upstream }: Ground): Promise<Measurement> {
  const { pid } = server.process;
  await upstream.forgetCalls();
  const cpuBefore = cpuMs(pid);
  const ownBefore = process.cpuUsage();
  const startedAt = performance.now();
  const seen = await closedLoop(load);
  const tookMs = performance.now() - startedAt;
  const own = process.cpuUsage(ownBefore);
  const per1000 = (amount: number): number => (amount * 1_000) / seen.requests;
  return {
    perSecond: seen.perSecond,
    p50: seen.p50,
    p99: seen.p99,
    cpuMsPer1000: per1000(cpuMs(pid) - cpuBefore),
    residentMb: residentMb(pid),
    upstreamCallsPer1000: per1000(await upstream.calls()),
    generatorLoad: (own.user + own.system) / 1_000 / tookMs,
  };
}

/** Of each figure the median. */
export function medianOf(measurements: readonly Measurement[]): Measurement {
  const of = (name: keyof Measurement): number => median(measurements.map((one) => one[name]));
  return {
    perSecond: of('perSecond'),
    p50: of('p50'),
    p99: of('p99'),
    cpuMsPer1000: of('cpuMsPer1000'),
    residentMb: of('residentMb'),
    upstreamCallsPer1000: of('upstreamCallsPer1000'),
    generatorLoad: of('generatorLoad'),
  };
}
