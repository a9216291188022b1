import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from '../statistics/quantile.js';
import type { Load, Seen } from './closed-loop.js';
import { send } from './send.js';

/**
 * Sends `perSecond` requests a second, evenly, whether answers come or not; a time counts from when the request was due,
 * so that one slow answer cannot hide those that wait behind it. Not autocannon's `overallRate`: that one sends what a
 * second may have at its very beginning, at full speed, and then rests.
 */
export async function paced(load: Omit<Load, 'until'>, perSecond: number, seconds: number): Promise<Seen> {
  const agent = new Agent({ keepAlive: true, maxSockets: load.connections });
  const queue = load.requests(0);
  const count = Math.floor(perSecond * seconds);
  const times = new Float64Array(count);
  const answers: Promise<void>[] = [];
  const startedAt = performance.now();
  const one = async (index: number, dueAt: number): Promise<void> => {
    const request = queue[index % queue.length];
    if (request === undefined) throw new Error('There is nothing to send.');
    const { status, text } = await send(load.url, request, agent);
    times[index] = performance.now() - dueAt;
    if (status !== load.status || !load.accepts(text))
      throw new Error(`${load.url} answered ${status}: ${text}`);
  };
  try {
    for (let sent = 0; sent < count; await sleep(1)) {
      const due = Math.min(count, Math.floor(((performance.now() - startedAt) / 1_000) * perSecond));
      for (; sent < due; sent += 1) {
        const answer = one(sent, startedAt + (sent / perSecond) * 1_000);
        answer.catch(() => {
          // It is thrown when all has been sent.
        });
        answers.push(answer);
      }
    }
    await Promise.all(answers);
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
  };
}
