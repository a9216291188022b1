import type { EnvReader } from './env-reader.js';
import { parseRedisTarget, type RedisTarget } from './redis-target.js';

/** `strict`: in production only a server that neither evicts nor forgets is used for state; `relaxed`: whatever answers. */
export type StateDurability = 'strict' | 'relaxed';

/** Idempotency records, operations, locks and quotas. */
export interface StateSettings {
  /** `null`: they live in this process. */
  readonly redis: RedisTarget | null;
  readonly durability: StateDurability;
}

/** Where pages and state are kept. */
export interface StoreSettings {
  /** `null`: the cache lives in this process. */
  readonly redis: RedisTarget | null;
  readonly state: StateSettings;
}

/**
 * The Redis of the page cache and the one of the state. In production they are set separately, since what suits a cache
 * loses records; and without them only an instance that is alone may start.
 */
export function readStores(read: EnvReader): StoreSettings {
  const { production } = read;
  const cache = read.text('REDIS_URL');
  const state = read.text('STATE_REDIS_URL');
  const durability = read.oneOf('STATE_DURABILITY', ['strict', 'relaxed'] as const, 'strict');
  const alone = read.flag('SINGLE_INSTANCE', false);
  if (production && cache !== undefined && state === undefined) {
    read.fault(
      'STATE_REDIS_URL',
      'is required in production with REDIS_URL: records of writes are kept there',
    );
  }
  if (production && cache === undefined && !alone) {
    read.fault(
      'SINGLE_INSTANCE',
      'must be true in production without Redis: set it, or REDIS_URL and STATE_REDIS_URL',
    );
  }
  const redis = readTarget(read, 'REDIS_URL');
  const own = readTarget(read, 'STATE_REDIS_URL');
  return { redis, state: { redis: state === undefined && !production ? redis : own, durability } };
}

function readTarget(read: EnvReader, name: string): RedisTarget | null {
  const text = read.text(name);
  if (text === undefined) return null;
  const target = parseRedisTarget(text);
  if (!('fault' in target)) return target;
  read.fault(name, target.fault);
  return null;
}
