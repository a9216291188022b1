import { expect, it } from '@jest/globals';
import { ScanPace } from './scan-pace.js';

const WAIT_MS = 60_000;

async function turns(pace: ScanPace, count: number, perSecond: number, tenant = 'acme'): Promise<boolean[]> {
  return Promise.all(Array.from({ length: count }, () => pace.turn(tenant, perSecond, WAIT_MS)));
}

it('sends a few calls at once, and then half of what the share allows', async () => {
  const waits: number[] = [];
  const pace = new ScanPace(
    () => 0,
    async (ms) => waits.push(Math.round(ms)),
  );
  expect(new Set(await turns(pace, 104, 50))).toEqual(new Set([true]));
  expect(waits).toHaveLength(100);
  expect([waits[0], waits[24], waits[99]]).toEqual([40, 1_000, 4_000]);
});

it('does not delay one tenant for another', async () => {
  const waits: number[] = [];
  const pace = new ScanPace(
    () => 0,
    async (ms) => waits.push(ms),
  );
  await turns(pace, 50, 50);
  waits.length = 0;
  await turns(pace, 4, 50, 'globex');
  expect(waits).toEqual([]);
});

it('gives no credit beyond a few calls for time without scans, and follows the share', async () => {
  let nowMs = 0;
  const waits: number[] = [];
  const pace = new ScanPace(
    () => nowMs,
    async (ms) => waits.push(Math.round(ms)),
  );
  await turns(pace, 4, 50);
  nowMs = 100_000;
  await turns(pace, 5, 50);
  await turns(pace, 1, 10);
  expect(waits).toEqual([40]);
});

it('refuses a call that would have to wait too long, without counting it', async () => {
  const waits: number[] = [];
  const pace = new ScanPace(
    () => 0,
    async (ms) => waits.push(ms),
  );
  await turns(pace, 4, 2);
  expect([await pace.turn('acme', 2, 999), await pace.turn('acme', 2, 1_000)]).toEqual([false, true]);
  expect(waits).toEqual([1_000]);
});

it('starts afresh for a tenant that was removed', async () => {
  const waits: number[] = [];
  const pace = new ScanPace(
    () => 0,
    async (ms) => waits.push(ms),
  );
  await turns(pace, 4, 50);
  pace.forget({ tenants: ['acme'], accounts: [], memberships: [] });
  await turns(pace, 4, 50);
  expect(waits).toEqual([]);
});
