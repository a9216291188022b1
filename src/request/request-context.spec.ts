import { expect, it } from '@jest/globals';
import { RequestContext } from './request-context.js';

it('has what is left of its budget, and never less than nothing', () => {
  expect(new RequestContext('id', 5_000).remainingMs).toBeGreaterThan(0);
  expect(new RequestContext('id', 5_000).remainingMs).toBeLessThanOrEqual(5_000);
  expect(new RequestContext('id', 0).remainingMs).toBe(0);
});

it('knows the upstream id of its latest read, until there was a write', () => {
  const context = new RequestContext('id', 1);
  context.upstreamRequestId = 'read 1';
  context.upstreamRequestId = 'read 2';
  expect(context.upstreamRequestId).toBe('read 2');
  context.keepUpstreamRequestId('write');
  context.upstreamRequestId = 'read 3';
  expect(context.upstreamRequestId).toBe('write');
});
