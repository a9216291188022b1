import { expect, it } from '@jest/globals';
import { RetryBudget } from './retry-budget.js';

it('allows a retry for every fifth call, and ten more after calls that needed none', () => {
  const budget = new RetryBudget();
  for (let calls = 0; calls < 1_000; calls += 1) budget.noteCall();
  let retries = 0;
  for (let calls = 0; calls < 500; calls += 1) {
    budget.noteCall();
    if (budget.take()) retries += 1;
  }
  expect(retries).toBe(109);
});
