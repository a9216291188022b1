import { describe, expect, it } from '@jest/globals';
import { EnvReader } from './env-reader.js';
import { readStores } from './stores.js';
import { ConfigError } from './config.js';

const CACHE = { REDIS_URL: 'redis://cache' };
const STATE = { STATE_REDIS_URL: 'redis://state' };

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
