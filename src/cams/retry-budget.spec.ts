import { expect, it } from '@jest/globals';
import type { Sender } from './call-breaker.js';
import { RetryBudget } from './retry-budget.js';

const from = (tenant: string, account = 'one'): Sender => ({
  account: { id: account },
  tenant: { id: tenant },
});

it('allows a retry for every fifth call, and ten more after calls that needed none', () => {
  const budget = new RetryBudget();
  for (let calls = 0; calls < 1_000; calls += 1) budget.noteCall(from('acme'));
  let retries = 0;
  for (let calls = 0; calls < 500; calls += 1) {
    budget.noteCall(from('acme'));
    if (budget.take(from('acme'))) retries += 1;
  }
  expect(retries).toBe(109);
});

it('keeps a budget for each tenant of each account', () => {
  const budget = new RetryBudget();
  while (budget.take(from('failing')));
  const others = [from('failing'), from('healthy'), from('failing', 'two')];
  expect(others.map((one) => budget.take(one))).toEqual([false, true, true]);
});

it('starts afresh for a tenant that has left its account, and for no other', () => {
  const budget = new RetryBudget();
  const all = [from('acme'), from('globex'), from('acme', 'two')];
  for (const one of all) while (budget.take(one));
  budget.forget({ tenants: [], accounts: [], memberships: [{ account: 'one', tenant: 'acme' }] });
  expect(all.map((one) => budget.take(one))).toEqual([true, false, false]);
});
