import { describe, expect, it } from '@jest/globals';
import { forgetfulness } from './durability.js';

describe('forgetfulness', () => {
  it.each([
    ['noeviction', 'maxmemory:1024', 'aof_enabled:1'],
    ['allkeys-lru', 'maxmemory:0', 'aof_enabled:1'],
  ])('accepts a server that keeps its records: %s, %s, %s', (policy, limit, log) => {
    expect(forgetfulness(`${limit}\r\nmaxmemory_policy:${policy}\r\n${log}\r\n`)).toBeUndefined();
  });

  it.each([
    ['volatile-ttl', 'maxmemory:1024', 'aof_enabled:1', /^it may evict keys \(maxmemory-policy volatile-ttl/],
    ['noeviction', 'maxmemory:1024', 'aof_enabled:0', /^it keeps no append-only file/],
    ['allkeys-lru', 'maxmemory:1', 'aof_enabled:0', /may evict .* and keeps no append-only/],
  ])('reports a server that may lose its records: %s, %s, %s', (policy, limit, log, why) => {
    expect(forgetfulness(`${limit}\r\nmaxmemory_policy:${policy}\r\n${log}\r\n`)).toMatch(why);
  });

  it('reports a server that hides the fields', () => {
    expect(forgetfulness('redis_version:7.4.0\r\n')).toMatch(/unknown.* and keeps no append-only/);
  });
});
