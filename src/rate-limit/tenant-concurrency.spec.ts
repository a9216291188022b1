import fc from 'fast-check';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Place, TenantConcurrency } from './tenant-concurrency.js';

const LIMIT = 3;
const TENANT = { id: 'acme', limits: { concurrentRequests: LIMIT } };
const REFUSED = expect.objectContaining({ code: 'RATE_LIMITED' });

let concurrency: TenantConcurrency;
const enter = (): Place => concurrency.enter(TENANT);
const free = (): number => {
  const places: Place[] = [];
  try {
    for (;;) places.push(enter());
  } catch {
    return places.length;
  } finally {
    for (const place of places) place.leave();
  }
};

beforeEach(() => {
  concurrency = new TenantConcurrency();
});

describe('a request that is suspended', () => {
  const suspended = (count: number): Place[] =>
    Array.from({ length: count }, () => {
      const place = enter();
      place.allowSuspension();
      place.suspend();
      return place;
    });

  it('is not counted, and is counted beyond the limit when it resumes', () => {
    const places = suspended(LIMIT + 2);
    expect(free()).toBe(LIMIT);
    for (const place of places) place.resume();
    expect(free()).toBe(0);
    for (const place of places) place.leave();
    expect(free()).toBe(LIMIT);
  });

  it.each(['resumed', 'suspended'])('needs a place among those that cost more while it is %s', (state) => {
    const places = suspended(LIMIT + 2);
    if (state === 'resumed') for (const place of places) place.resume();
    const refused = places.filter((place) => {
      try {
        place.require();
        return false;
      } catch (error) {
        expect(error).toEqual(REFUSED);
        return true;
      }
    });
    expect(refused).toHaveLength(2);
    places[0]?.leave();
    refused[0]?.require();
    expect(() => refused[1]?.require()).toThrow();
  });
});

it('a request is not suspended if that is not allowed, if it has cost more, or if its response is large', () => {
  const [other, costly] = [enter(), enter()];
  costly.allowSuspension();
  costly.require();
  for (const place of [other, costly]) place.suspend();
  expect(free()).toBe(LIMIT - 2);
  const large = enter();
  large.allowSuspension();
  large.countAs(2);
  large.suspend();
  expect(free()).toBe(0);
});

it('nothing is left of requests that have ended, whatever they did', () => {
  const step = fc.tuple(
    fc.nat(9),
    fc.constantFrom('allowSuspension', 'suspend', 'resume', 'require', 'countAs', 'leave', 'enter'),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      concurrency = new TenantConcurrency();
      const places: Place[] = [];
      for (const [index, name] of steps) {
        const place = places[index % Math.max(1, places.length)];
        try {
          if (name === 'enter') places.push(enter());
          else if (name === 'countAs') place?.countAs((index % 3) + 1);
          else place?.[name]();
        } catch (error) {
          expect(error).toEqual(REFUSED);
        }
        expect(free()).toBeLessThanOrEqual(LIMIT);
      }
      for (const place of places) place.leave();
      expect(free()).toBe(LIMIT);
    }),
  );
});

it('requests of a tenant that was removed leave without effect on the tenant that comes back', () => {
  const places = Array.from({ length: LIMIT }, enter);
  concurrency.onTenantsRemoved({ tenants: [TENANT.id], accounts: [], memberships: [] });
  expect(free()).toBe(LIMIT);
  for (const place of places) place.leave();
  expect(free()).toBe(LIMIT);
});
