import type { EnvReader } from './env-reader.js';
import { refusePlaintext, shareServer } from './redis-rules.js';
import { parseRedisTarget, type RedisTarget } from './redis-target.js';

/** `strict`: in production, state requires a server that neither evicts nor loses data. `relaxed`: every server is accepted. */
export type StateDurability = 'strict' | 'relaxed';

/** Idempotency records, operations, locks and quotas. */
export interface StateSettings {
  /** `null` to keep them in this process. */
  readonly redis: RedisTarget | null;
  readonly durability: StateDurability;
}

/** Where pages and state are stored. */
export interface StoreSettings {
  /** `null` for an in-process cache. */
  readonly redis: RedisTarget | null;
  readonly state: StateSettings;
}

/**
 * Reads the Redis settings of the page cache and of state. In production they are set separately, because a server
 * configured as a cache loses records. Without Redis, production allows only a single instance.
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
      'is required in production with REDIS_URL: it stores the records of writes',
    );
  }
  if (production && cache === undefined && !alone) {
    read.fault(
      'SINGLE_INSTANCE',
      'must be true in production without Redis; otherwise set REDIS_URL and STATE_REDIS_URL',
    );
  }
  const plaintext = read.oneOf('REDIS_PLAINTEXT', ['refused', 'allowed'] as const, 'refused');
  const redis = readTarget(read, 'REDIS_URL');
  const own = readTarget(read, 'STATE_REDIS_URL');
  if (production && plaintext === 'refused') {
    refusePlaintext(read, 'REDIS_URL', redis);
    refusePlaintext(read, 'STATE_REDIS_URL', own);
  }
  if (production && durability === 'strict' && redis && own && shareServer(redis, own)) {
    read.fault(
      'STATE_REDIS_URL',
      'must not be the server of REDIS_URL in production: a cache may evict, state must not (STATE_DURABILITY=relaxed accepts that)',
    );
  }
  return { redis, state: { redis: state === undefined && !production ? redis : own, durability } };
}

function readTarget(read: EnvReader, name: 'REDIS_URL' | 'STATE_REDIS_URL'): RedisTarget | null {
  const text = read.text(name);
  if (text === undefined) return null;
  const target = parseRedisTarget(text);
  if ('fault' in target) {
    read.fault(name, target.fault);
    return null;
  }
  return target;
}
