import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from '../statistics/quantile.js';
import type { Load, LoadResult } from './closed-loop.js';
import { send } from './send.js';

/**
 * Sends `perSecond` requests per second at an even pace, whether responses arrive or not. Latency counts from when a
 * request was due, so that a slow response cannot hide the ones queued behind it (coordinated omission). autocannon's
 * `overallRate` cannot do this: it sends all requests of a second at its start, at full speed, and then pauses.
 */
export async function paced(
  load: Omit<Load, 'until'>,
  perSecond: number,
  seconds: number,
): Promise<Omit<LoadResult, 'bodyBytes'> & { readonly longest: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: load.connections });
  const queue = load.requests(0);
  const count = Math.floor(perSecond * seconds);
  const times = new Float64Array(count);
  const responses: Promise<void>[] = [];
  const startedAt = performance.now();
  const one = async (index: number, dueAt: number): Promise<void> => {
    const request = queue[index % queue.length];
    if (request === undefined) throw new Error('No requests to send.');
    const { status, text } = await send(load.url, request, agent);
    times[index] = performance.now() - dueAt;
    if (status !== load.status || !load.accepts(text))
      throw new Error(`${load.url} responded ${status}: ${text}`);
  };
  try {
    for (let sent = 0; sent < count; await sleep(1)) {
      const due = Math.min(count, Math.floor(((performance.now() - startedAt) / 1_000) * perSecond));
      for (; sent < due; sent += 1) {
        const response = one(sent, startedAt + (sent / perSecond) * 1_000);
        response.catch(() => {
          // Thrown below, once everything has been sent.
        });
        responses.push(response);
      }
    }
    await Promise.all(responses);
  } finally {
    agent.destroy();
  }
  const tookSeconds = (performance.now() - startedAt) / 1_000;
  times.sort();
  return {
    requests: count,
    perSecond: count / tookSeconds,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    longest: times.at(-1) ?? 0,
  };
}
