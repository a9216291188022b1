import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { parseRedisTarget, type RedisTarget } from './redis-target.js';

function target(text: string): RedisTarget {
  const parsed = parseRedisTarget(text);
  if ('fault' in parsed) throw new Error(parsed.fault);
  return parsed;
}

describe('REDIS_URL', () => {
  it('accepts one server with the default port', () => {
    expect(target('redis://cache.example')).toEqual({
      kind: 'standalone',
      node: { host: 'cache.example', port: 6379 },
      db: 0,
      tls: false,
      credentials: null,
    });
  });

  it('accepts TLS, a database, a user and a password', () => {
    const parsed = target('rediss://user:p%40ss%2Cword@[::1]:7000/3');
    expect(parsed).toMatchObject({ node: { host: '::1', port: 7000 }, db: 3, tls: true });
    expect(parsed.credentials?.username).toBe('user');
    expect(parsed.credentials?.password).toBe('p@ss,word');
  });

  it('accepts a password without a user', () => {
    const { credentials } = target('redis://:secret@h');
    expect([credentials?.username, credentials?.password]).toEqual([undefined, 'secret']);
  });

  it('accepts several servers for a Cluster', () => {
    expect(target('rediss://:s@a:1, rediss://:s@b:2')).toMatchObject({
      kind: 'cluster',
      nodes: [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
      ],
      tls: true,
    });
  });

  it('accepts sentinels and the name of their master', () => {
    const parsed = target('redis+sentinel://:secret@a:1,b/main');
    expect(parsed).toMatchObject({
      kind: 'sentinel',
      nodes: [
        { host: 'a', port: 1 },
        { host: 'b', port: 26_379 },
      ],
      name: 'main',
    });
    expect(parsed.credentials?.password).toBe('secret');
  });

  it('hides the password when printed or serialised', () => {
    for (const url of [
      'redis://u:canary@h',
      'redis://:canary@a,redis://:canary@b',
      'redis+sentinel://:canary@a/m',
    ]) {
      expect(JSON.stringify(target(url)) + inspect(target(url), { depth: 9, showHidden: true })).not.toMatch(
        /canary/,
      );
    }
  });

  it('names Sentinel over TLS as what is not supported', () => {
    const fault = /^is Sentinel over TLS, .*: use redis\+sentinel:\/\/… with REDIS_PLAINTEXT=allowed/;
    expect(parseRedisTarget('rediss+sentinel://:canary@a:1/name')).toEqual({
      fault: expect.stringMatching(fault),
    });
  });

  it.each([
    ['no scheme', 'localhost:6379'],
    ['another scheme', 'http://localhost'],
    ['no host', 'redis://'],
    ['options', 'redis://h?db=1'],
    ['a path that is not a database', 'redis://h/cache'],
    ['a bad port', 'redis://h:70000'],
    ['an empty part', 'redis://a,'],
    ['mixed schemes', 'redis://a,rediss://b'],
    ['mixed passwords', 'redis://:canary@a,redis://:other@b'],
    ['a database in a Cluster', 'redis://a/1,redis://b'],
    ['a stray percent sign', 'redis://:%canary@a'],
    ['sentinels without a master name', 'redis+sentinel://a:1,b:2'],
    ['sentinels without a host', 'redis+sentinel:///name'],
  ])('is rejected with %s, without quoting it', (_, url) => {
    expect(parseRedisTarget(url)).toEqual({ fault: expect.not.stringMatching(/canary|localhost/) });
  });
});
