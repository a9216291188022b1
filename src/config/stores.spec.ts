import { describe, expect, it } from '@jest/globals';
import { EnvReader } from './env-reader.js';
import { readStores } from './stores.js';
import { ConfigError, loadConfig } from './config.js';

const CACHE = { REDIS_URL: 'rediss://cache' };
const STATE = { STATE_REDIS_URL: 'rediss://state' };

/** Hosts of the two servers, or the names of the invalid settings. */
function stores(env: Record<string, string>, production: boolean): unknown {
  const read = new EnvReader(production ? { ...env, NODE_ENV: 'production' } : env);
  const { redis, state } = readStores(read);
  try {
    read.finish();
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map((fault) => fault.split(' ')[0]);
    throw error;
  }
  const host = (target: typeof redis): string | null =>
    target?.kind === 'standalone' ? target.node.host : null;
  return { cache: host(redis), state: host(state.redis) };
}

describe('the Redis servers of cache and state', () => {
  it.each<[string, Record<string, string>, unknown]>([
    ['none', {}, { cache: null, state: null }],
    ['one for both', CACHE, { cache: 'cache', state: 'cache' }],
    ['one for each', { ...CACHE, ...STATE }, { cache: 'cache', state: 'state' }],
    ['one for state alone', STATE, { cache: null, state: 'state' }],
    ['an invalid one, reported once', { REDIS_URL: 'x' }, ['REDIS_URL']],
  ])('outside production: %s', (_, env, expected) => {
    expect(stores(env, false)).toEqual(expected);
  });

  it('says in production how to allow plain text, for Sentinel without a way that does not exist', () => {
    const env = { ...CACHE, NODE_ENV: 'production', API_KEY_PEPPER: 'thirty-two characters or a few more' };
    const refused = (url: string) => () => loadConfig({ ...env, TENANTS_FILE: 'x', STATE_REDIS_URL: url });
    expect(refused('redis://state')).toThrow(/: use rediss:\/\/, or REDIS_PLAINTEXT=allowed/);
    expect(refused('redis+sentinel://a,b/name')).toThrow(
      /: Sentinel is not supported over TLS, so set REDIS_PLAINTEXT=allowed/,
    );
  });

  it.each<[string, Record<string, string>, unknown]>([
    ['none, with a single instance', { SINGLE_INSTANCE: 'true' }, { cache: null, state: null }],
    ['none, with several instances', {}, ['SINGLE_INSTANCE']],
    ['one for each, with several instances', { ...CACHE, ...STATE }, { cache: 'cache', state: 'state' }],
    ['one for the cache alone', { ...CACHE, SINGLE_INSTANCE: 'true' }, ['STATE_REDIS_URL']],
    ['one for state alone, with several instances', STATE, ['SINGLE_INSTANCE']],
    [
      'one for state alone, with a single instance',
      { ...STATE, SINGLE_INSTANCE: 'true' },
      { cache: null, state: 'state' },
    ],
  ])('in production: %s', (_, env, expected) => {
    expect(stores(env, true)).toEqual(expected);
  });
});
