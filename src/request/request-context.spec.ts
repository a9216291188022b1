import { expect, it } from '@jest/globals';
import { RequestContext } from './request-context.js';

it('returns the rest of its budget, never less than zero', () => {
  expect(new RequestContext('id', 5_000).remainingMs).toBeGreaterThan(0);
  expect(new RequestContext('id', 5_000).remainingMs).toBeLessThanOrEqual(5_000);
  expect(new RequestContext('id', 0).remainingMs).toBe(0);
});

it('keeps the id of its latest upstream call until a write is noted', () => {
  const request = new RequestContext('id', 1);
  request.noteUpstreamCall('read 1');
  request.noteUpstreamCall('read 2');
  expect(request.upstreamRequestId).toBe('read 2');
  request.noteWrite({ replayed: false, upstreamRequestId: 'write' });
  expect([request.upstreamRequestId, request.idempotencyReplayed]).toEqual(['write', false]);
  request.noteWrite({ replayed: true, upstreamRequestId: undefined });
  expect([request.upstreamRequestId, request.idempotencyReplayed]).toEqual([undefined, true]);
});

it('loses its interest when it is over, also an interest that is asked for later', () => {
  const [early, late] = [new RequestContext('early', 1_000), new RequestContext('late', 1_000)];
  const { interest } = early;
  expect(interest.isLost).toBe(false);
  early.over();
  late.over();
  expect([interest.isLost, late.interest.isLost]).toEqual([true, true]);
});
