import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { CallBreaker, type Sender } from './call-breaker.js';

const CALLS = 10;
const ACME = { account: { id: 'one' }, tenant: { id: 'acme' } };
const GLOBEX = { account: { id: 'one' }, tenant: { id: 'globex' } };

/** What was told, newest last. */
let told: string[];
let breaker: CallBreaker<string>;
const call = (from: Sender, outcome: string): Promise<string> =>
  breaker.run(from, async () => outcome).catch(() => 'not sent');

beforeEach(() => {
  Logger.overrideLogger(false);
  jest.useFakeTimers();
  told = [];
  const judge = { isFailure: (outcome: string) => outcome === 'failed', isAbandoned: () => false };
  breaker = new CallBreaker(50, judge, {
    account: (id, isBroken) => told.push(`${id} ${isBroken ? 'broken' : 'works'}`),
    tenants: (id, count) => told.push(`${id} ${count}`),
  });
});
afterEach(() => {
  jest.useRealTimers();
});

it('calls of a tenant that was removed and comes back are sent, and it is not counted meanwhile', async () => {
  await call(GLOBEX, 'ok');
  for (let n = 0; n < CALLS; n += 1) await call(ACME, 'failed');
  expect([await call(ACME, 'ok'), told.at(-1)]).toEqual(['not sent', 'one 1']);
  breaker.forget({ tenants: ['acme'], accounts: [], memberships: [{ account: 'one', tenant: 'acme' }] });
  expect(told.at(-1)).toBe('one 0');
  expect(await call(ACME, 'ok')).toBe('ok');
});

it('a tenant that was removed does not lengthen the pauses of others while the account is stopped', async () => {
  const many = Array.from({ length: 30 }, (_, n) => ({ ...ACME, tenant: { id: `t${n}` } }));
  for (let n = 0; n < 2; n += 1) for (const from of many) await call(from, 'failed');
  expect(told).toContain('one broken');
  // They have tried calls in this outage, so each tenant pauses for longer than a second.
  const others = many.map(({ tenant: { id } }) => ({ account: 'one', tenant: id }));
  jest.advanceTimersByTime(1_001);
  expect(await call(ACME, 'failed')).toBe('failed');
  jest.advanceTimersByTime(1_001);
  expect(await call(ACME, 'failed')).toBe('not sent');
  breaker.forget({ tenants: others.map(({ tenant }) => tenant), accounts: [], memberships: others });
  expect(await call(ACME, 'failed')).toBe('failed');
});

it('a call of a removed account that ends late tells nothing, and does not change the account that comes back', async () => {
  for (let n = 0; n < CALLS; n += 1) for (const from of [ACME, GLOBEX]) await call(from, 'failed');
  jest.advanceTimersByTime(1_001);
  const late = Promise.withResolvers<string>();
  const hanging = breaker.run(ACME, () => late.promise);
  const tenants = ['acme', 'globex'];
  const memberships = tenants.map((tenant) => ({ account: 'one', tenant }));
  breaker.forget({ tenants, accounts: ['one'], memberships });
  told = [];
  for (let n = 0; n < CALLS; n += 1) for (const from of [ACME, GLOBEX]) await call(from, 'failed');
  const before = [...told];
  expect(before).toContain('one broken');
  late.resolve('ok');
  expect(await hanging).toBe('ok');
  expect(told).toEqual(before);
});
