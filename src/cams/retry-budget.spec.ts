import { expect, it } from '@jest/globals';
import { RetryBudget } from './retry-budget.js';

it('allows a retry for every fifth call, and ten more after calls that needed none', () => {
  const budget = new RetryBudget();
  for (let calls = 0; calls < 1_000; calls += 1) budget.noteCall('one');
  let retries = 0;
  for (let calls = 0; calls < 500; calls += 1) {
    budget.noteCall('one');
    if (budget.take('one')) retries += 1;
  }
  expect(retries).toBe(109);
});

it('leaves the retries of one account to it', () => {
  const budget = new RetryBudget();
  while (budget.take('failing'));
  expect([budget.take('failing'), budget.take('healthy')]).toEqual([false, true]);
});

it('starts afresh for an account that was removed', () => {
  const budget = new RetryBudget();
  for (const id of ['removed', 'other']) while (budget.take(id));
  budget.forget({ tenants: [], accounts: ['removed'], memberships: [] });
  expect([budget.take('removed'), budget.take('other')]).toEqual([true, false]);
});
