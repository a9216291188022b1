import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { setUpRedisTests, startServer } from '../support/redis-fixture.js';
import { type PacedReplica, Starts, startPacedReplica } from '../support/paced-replicas.js';

const PER_SECOND = 60;
const MOST = PER_SECOND * 1.1;

setUpRedisTests();

async function startReplicas(count: number, perSecond = PER_SECOND) {
  const server = await startServer();
  const starts = new Starts();
  const start = (): Promise<PacedReplica> => startPacedReplica(server.url, perSecond, starts);
  const replicas: PacedReplica[] = [];
  while (replicas.length < count) replicas.push(await start());
  const [first, ...others] = replicas;
  if (!first) throw new Error('At least one replica is needed.');
  return { server, starts, start, first, others, replicas };
}

describe('the rate of an account that several replicas call', () => {
  it('is kept by all of them together, and used up, while replicas come and go', async () => {
    const { starts, start, first, others } = await startReplicas(3);
    const sinceMs = performance.now();
    const stop = first.flood('acme');
    for (const replica of others) replica.flood('acme');
    await sleep(2_000);
    stop();
    await sleep(1_000);
    (await start()).flood('acme');
    await sleep(2_000);
    expect(starts.mostInASecond).toBeLessThanOrEqual(MOST + starts.lateBy(PER_SECOND));
    expect(starts.count()).toBeGreaterThan(starts.due(PER_SECOND, sinceMs) * 0.8);
  });

  it('is shared by weight, wherever the tenants call', async () => {
    const { starts, first, others } = await startReplicas(3);
    const [second, third] = others;
    first.flood('acme', 1);
    second?.flood('globex', 3);
    third?.flood('acme', 1);
    third?.flood('globex', 3);
    await sleep(500);
    const sinceMs = performance.now();
    await sleep(4_000);
    const ratio = starts.count('globex', sinceMs) / starts.count('acme', sinceMs);
    expect(ratio).toBeGreaterThan(2.7);
    expect(ratio).toBeLessThan(3.3);
  });

  it('goes to the only tenant that calls, and to a quiet one at once', async () => {
    const { starts, first, others } = await startReplicas(2);
    first.flood('acme');
    await sleep(1_500);
    const sinceMs = performance.now();
    others[0]?.flood('globex');
    await sleep(2_000);
    // Half of what is due.
    expect(starts.count('globex', sinceMs)).toBeGreaterThan(starts.due(PER_SECOND, sinceMs) * 0.4);
    expect(starts.mostInASecond).toBeLessThanOrEqual(MOST + starts.lateBy(PER_SECOND));
  });

  it('is not exceeded while Redis is away, nor when it is back empty, and work goes on', async () => {
    const { server, starts, start, replicas } = await startReplicas(3);
    for (const replica of replicas) replica.flood('acme');
    await sleep(1_500);
    await server.kill();
    (await start()).flood('newcomer');
    const awayMs = performance.now();
    await sleep(3_000);
    expect(starts.count('acme', awayMs)).toBeGreaterThan(starts.due(PER_SECOND, awayMs) * 0.7);
    expect(starts.count('newcomer', awayMs)).toBeGreaterThan(0);
    await server.restart();
    await sleep(3_000);
    expect(starts.mostInASecond).toBeLessThanOrEqual(MOST + starts.lateBy(PER_SECOND));
  });

  it('falls for all replicas if CAMS throttles one, after the pause that it asked for', async () => {
    const { starts, first, others } = await startReplicas(2);
    others[0]?.flood('acme');
    await sleep(1_000);
    for (let times = 0; times < 3; times += 1) {
      first.pace.throttled('one', 500, performance.now());
      await sleep(1_010);
    }
    first.pace.throttled('one', 1_000, performance.now());
    await sleep(100);
    const pausedMs = performance.now();
    await sleep(800);
    expect(starts.count('acme', pausedMs)).toBe(0);
    await sleep(200);
    const lowMs = performance.now();
    await sleep(2_000);
    const perSecond = starts.count('acme', lowMs) / 2;
    expect(perSecond).toBeGreaterThan(PER_SECOND * 0.2);
    // A fifth less, four times.
    expect(perSecond).toBeLessThan(PER_SECOND * 0.6);
  });
});
