import type { Redis } from 'ioredis';
import type { Json } from '../support/gateway.js';
import type { Target, Transport } from '../support/operations.js';

/**
 * What a later request finds: `replayed`, its recorded outcome; `reconciled`, an outcome that CAMS shows; `undecided`,
 * none, because CAMS shows no effect but may still execute it. The requests of the last three were in progress:
 * nothing was sent, the write was sent, or CAMS had responded.
 */
export type Expectation = 'replayed' | 'reconciled' | 'undecided' | 'started' | 'sent' | 'applied';

/** A write with an idempotency key. */
export interface RecordedWrite {
  /** Unique in a recording. Also its idempotency key. */
  readonly name: string;
  /** Of `WRITES`, or `close an operation`. */
  readonly write: string;
  readonly transport: Transport;
  readonly target: Target;
  readonly expected: Expectation;
  readonly content?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** The operation to close. */
  readonly operationId?: string;
  /** The response, if the request ended: status, and data or error. */
  readonly outcome?: Json;
}

/** A create operation, as `GET /v1/operations/{id}` returned it. */
export type RecordedOperation = Readonly<Record<'id' | 'subject' | 'status', string>>;

/** The operations of a recording. Three are pending, so that each can be ended in another way. */
export type OperationName = 'succeeded' | 'unresolved' | 'closed' | 'found later' | 'closed later' | 'kept';

/** A key of the state Redis. */
export interface RecordedKey {
  readonly key: string;
  /** -1: does not expire. */
  readonly ttlMs: number;
  /** A hash, a set, a sorted set (its members; their score is 0) or a string. `v` of a hash is parsed if it is JSON. */
  readonly hash?: Readonly<Record<string, Json>>;
  readonly set?: readonly string[];
  readonly sorted?: readonly string[];
  readonly string?: string;
}

/** The state that one release has written, and the requests that it belongs to. */
export interface Recording {
  readonly release: string;
  /** Clock of the Redis, epoch ms. */
  readonly recordedAtMs: number;
  readonly writes: readonly RecordedWrite[];
  readonly operations: Readonly<Record<OperationName, RecordedOperation>>;
  /** Controls that bring a new sandbox into the state of the recorded one. Created groups are left out. */
  readonly sandbox: readonly Record<string, unknown>[];
  readonly keys: readonly RecordedKey[];
}

/** Records keep absolute times in numbers whose names end like this, in `t` of an entry, and in front of indexed names. */
const TIME_NAME = /AtMs$/;
const INDEXED_TIME = /^\d{13}(?=\.)/;
/** Keys of the page cache. They belong to the history of their server. */
const CACHE_KEYS = /^cg:/;
/** Not recorded: they expire in seconds, and a release that changes the format of pages gives them other keys. */
const PAGE_KEYS = /^cg:.*:p:/;
/** Not recorded: without them, an account only starts without a burst. */
const PACE_KEYS = /^cgs:pace:/;
/** How long what has not expired lives at least, so that slow tests find it. */
const LEAST_LIFE_MS = 600_000;

export async function redisTimeMs(state: Redis): Promise<number> {
  const [seconds, microseconds] = await state.time();
  return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
}

/** Reads every key but those of pages and of the pace of accounts, sorted. */
export async function dump(state: Redis): Promise<RecordedKey[]> {
  const all = await state.keys('*');
  const keys = all.filter((key) => !PAGE_KEYS.test(key) && !PACE_KEYS.test(key)).toSorted();
  const found = await Promise.all(keys.map((key) => dumpKey(state, key)));
  return found.filter((key) => key !== undefined);
}

/** Returns `undefined` if the key has expired meanwhile. */
async function dumpKey(state: Redis, key: string): Promise<RecordedKey | undefined> {
  const [type, ttlMs] = [await state.type(key), await state.pttl(key)];
  switch (type) {
    case 'none':
      return undefined;
    case 'hash': {
      const { v, ...fields } = await state.hgetall(key);
      return { key, ttlMs, hash: { ...fields, ...(v !== undefined && { v: parsed(v) }) } };
    }
    case 'set':
      return { key, ttlMs, set: (await state.smembers(key)).toSorted() };
    case 'zset':
      return { key, ttlMs, sorted: await state.zrange(key, '0', '-1') };
    case 'string':
      return { key, ttlMs, string: (await state.get(key)) ?? '' };
    default:
      throw new Error(`The recorder does not know the type of ${key}: ${type}.`);
  }
}

/** Returns JSON objects parsed, if that loses nothing. */
function parsed(text: string): Json {
  if (!text.startsWith('{')) return text;
  const value: Json = JSON.parse(text);
  return JSON.stringify(value) === text ? value : text;
}

/**
 * Replaces the state with a recorded one. Absolute times are shifted, so that the records are as old as when they were
 * recorded, or older by `laterMs`; what has expired by then is left out. The rest lives at least ten minutes.
 */
export async function load(state: Redis, { keys, recordedAtMs }: Recording, laterMs = 0): Promise<void> {
  const shiftMs = (await redisTimeMs(state)) - recordedAtMs - laterMs;
  await state.flushall();
  for (const recorded of keys) {
    const { key, ttlMs, hash, set, sorted, string } = recorded;
    const leftMs = ttlMs - laterMs;
    if (CACHE_KEYS.test(key) || (ttlMs !== -1 && leftMs <= 0)) continue;
    if (hash) await state.hset(key, shiftedHash(hash, shiftMs));
    if (set) await state.sadd(key, ...set);
    for (const name of sorted ?? []) await state.zadd(key, '0', shiftedName(name, shiftMs));
    if (string !== undefined) await state.set(key, string);
    if (ttlMs !== -1) await state.pexpire(key, Math.max(leftMs, LEAST_LIFE_MS));
  }
}

function shiftedHash(hash: Readonly<Record<string, Json>>, shiftMs: number): Record<string, string> {
  const { t, v, ...fields } = hash;
  return {
    ...fields,
    ...(t !== undefined && { t: String(Number(t) + shiftMs) }),
    ...(v !== undefined && { v: typeof v === 'string' ? v : JSON.stringify(v, shiftingTimes(shiftMs)) }),
  };
}

function shiftingTimes(shiftMs: number) {
  return (name: string, value: Json): Json =>
    typeof value === 'number' && TIME_NAME.test(name) ? value + shiftMs : value;
}

function shiftedName(name: string, shiftMs: number): string {
  return name.replace(INDEXED_TIME, (time) => String(Math.floor(Number(time) + shiftMs)).padStart(13, '0'));
}

/** Returns where records keep absolute times that {@link load} would not shift. */
export function unshiftedTimes({ keys }: Recording): string[] {
  return keys
    .filter(({ key, hash }) => !CACHE_KEYS.test(key) && typeof hash?.['v'] === 'object')
    .flatMap(({ key, hash }) => timesIn(hash?.['v'], key));
}

function timesIn(value: Json, path: string): string[] {
  const isTime =
    typeof value === 'number'
      ? value > 1e12 && !TIME_NAME.test(path)
      : /^\d{4}-\d\d-\d\dT/.test(String(value));
  if (typeof value !== 'object' || value === null) return isTime ? [path] : [];
  return Object.entries(value).flatMap(([name, inner]) => timesIn(inner, `${path}.${name}`));
}
