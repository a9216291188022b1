import { closedLoop, type Load } from '../load/closed-loop.js';
import type { Environment } from '../servers/environment.js';
import type { Server } from '../servers/server.js';
import { cpuMs, residentMb } from '../statistics/process-usage.js';
import { median } from '../statistics/quantile.js';

/** One measurement of one server. Times in ms. */
export interface Measurement {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** The median size of the response bodies. */
  readonly bodyBytes: number;
  /** CPU time of the server per 1,000 requests, user and system. */
  readonly cpuMsPer1000: number;
  readonly residentMb: number;
  /** Upstream calls per 1,000 requests. */
  readonly upstreamCallsPer1000: number;
  /** The share of one core that the load generator used. Near 1 it is the bottleneck. */
  readonly generatorLoad: number;
}

/** Puts a server under load and measures the cost. */
export async function measure(server: Server, load: Load, { upstream }: Environment): Promise<Measurement> {
  const { pid } = server.process;
  await upstream.forgetCalls();
  const cpuBefore = cpuMs(pid);
  const ownBefore = process.cpuUsage();
  const startedAt = performance.now();
  const result = await closedLoop(load);
  const tookMs = performance.now() - startedAt;
  const own = process.cpuUsage(ownBefore);
  const per1000 = (amount: number): number => (amount * 1_000) / result.requests;
  return {
    perSecond: result.perSecond,
    p50: result.p50,
    p99: result.p99,
    bodyBytes: result.bodyBytes,
    cpuMsPer1000: per1000(cpuMs(pid) - cpuBefore),
    residentMb: residentMb(pid),
    upstreamCallsPer1000: per1000(await upstream.calls()),
    generatorLoad: (own.user + own.system) / 1_000 / tookMs,
  };
}

/** The median of each figure. */
export function medianOf(measurements: readonly Measurement[]): Measurement {
  const of = (name: keyof Measurement): number => median(measurements.map((one) => one[name]));
  return {
    perSecond: of('perSecond'),
    p50: of('p50'),
    p99: of('p99'),
    bodyBytes: of('bodyBytes'),
    cpuMsPer1000: of('cpuMsPer1000'),
    residentMb: of('residentMb'),
    upstreamCallsPer1000: of('upstreamCallsPer1000'),
    generatorLoad: of('generatorLoad'),
  };
}
