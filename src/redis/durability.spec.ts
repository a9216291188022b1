import { describe, expect, it } from '@jest/globals';
import { forgetfulness } from './durability.js';

describe('what INFO tells of a server', () => {
  it.each([
    ['noeviction', 'maxmemory:1024', 'aof_enabled:1'],
    ['allkeys-lru', 'maxmemory:0', 'aof_enabled:1'],
  ])('that keeps its records: %s, %s, %s', (policy, limit, log) => {
    expect(forgetfulness(`${limit}\r\nmaxmemory_policy:${policy}\r\n${log}\r\n`)).toBeUndefined();
  });

  it.each([
    ['volatile-ttl', 'maxmemory:1024', 'aof_enabled:1', /^it may evict keys \(maxmemory-policy volatile-ttl/],
    ['noeviction', 'maxmemory:1024', 'aof_enabled:0', /^it keeps no append-only file/],
    ['allkeys-lru', 'maxmemory:1', 'aof_enabled:0', /may evict .* and keeps no append-only/],
  ])('that may lose them: %s, %s, %s', (policy, limit, log, why) => {
    expect(forgetfulness(`${limit}\r\nmaxmemory_policy:${policy}\r\n${log}\r\n`)).toMatch(why);
  });

  it('that hides the fields is taken for one that may lose them', () => {
    expect(forgetfulness('redis_version:7.4.0\r\n')).toMatch(/unknown.* and keeps no append-only/);
  });
});
