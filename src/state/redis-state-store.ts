import { setTimeout as sleep } from 'node:timers/promises';
import { type RedisConnection, RedisUnavailable } from '../redis/redis-connection.js';
import { RedisScript } from '../redis/redis-script.js';
import { type StateShare, recordsOf, shareUsedUp } from './state-share.js';
import {
  type IndexEntry,
  type IndexRange,
  type StateEntry,
  type StateStore,
  StateUnavailable,
  type StateWrite,
} from './state-store.js';
import { digestOf } from '../util/digest.js';
import { luaSource } from '../util/lua-source.js';

// When memory is full, new entries are refused; existing ones can be read, updated and removed.
const ALLOW_OOM = ' flags=allow-oom';
const SCRIPTS = {
  read: script('read', ALLOW_OOM),
  take: script('take-share'),
  giveBack: script('take-share', ALLOW_OOM),
  create: script('write'),
  replace: script('write', ALLOW_OOM),
  extend: script('extend', ALLOW_OOM),
  remove: script('remove', ALLOW_OOM),
  members: script('members', ALLOW_OOM),
  addMember: script('add-member'),
  removeMember: script('remove-member', ALLOW_OOM),
  addToIndex: script('add-to-index'),
  removeFromIndex: script('remove-from-index', ALLOW_OOM),
  index: script('index', ALLOW_OOM),
};

/** Pause before a step is retried after a timeout or a lost connection, in ms. */
const RETRY_PAUSE_MS = 50;

/** Replies of the write script. */
const WRITTEN = 1;
const WRITTEN_BEFORE = 2;
/** Records that are counted live for a day after their last change. */
const DAY_HOURS = 24;

interface Counted {
  readonly share: StateShare;
  readonly records: number;
}

/** State shared by all replicas. */
export class RedisStateStore implements StateStore {
  constructor(private readonly redis: RedisConnection) {}

  async read(key: string): Promise<StateEntry | undefined> {
    const [version, value, ageMs] = (await this.#run(SCRIPTS.read, key)) as [string?, string?, number?];
    return version === undefined ? undefined : { version, value: value ?? '', ageMs: Number(ageMs) };
  }

  async requireRoom(share: StateShare): Promise<void> {
    await this.#take({ share, records: 0 });
  }

  async write(key: string, write: StateWrite): Promise<boolean> {
    const { expected, version, value, lifeMs, share } = write;
    const step = expected === undefined ? SCRIPTS.create : SCRIPTS.replace;
    const counted = expected === undefined && share ? { share, records: recordsOf(value) } : undefined;
    // Counted first: if this process dies in between, the record is counted for a day but does not exist.
    if (counted) await this.#take(counted);
    let outcome: unknown;
    try {
      outcome = await this.#run(step, key, expected ?? '', version, value, Math.ceil(lifeMs));
    } finally {
      // Not if the reply was lost after a retry had found it written: at worst, one record is counted twice for a day.
      if (counted && outcome !== WRITTEN) await this.#giveBack(counted);
    }
    return outcome === WRITTEN || outcome === WRITTEN_BEFORE;
  }

  async extend(key: string, version: string, lifeMs: number): Promise<boolean> {
    return (await this.#run(SCRIPTS.extend, key, version, Math.ceil(lifeMs))) === 1;
  }

  async remove(key: string, version: string, share?: StateShare): Promise<boolean> {
    const removed = (await this.#run(SCRIPTS.remove, key, version)) === 1;
    if (removed && share) await this.#giveBack({ share, records: 1 });
    return removed;
  }

  async members(key: string): Promise<readonly string[]> {
    return (await this.#run(SCRIPTS.members, key)) as string[];
  }

  async addMember(key: string, member: string): Promise<void> {
    await this.#run(SCRIPTS.addMember, key, member);
  }

  async removeMember(key: string, member: string): Promise<void> {
    await this.#run(SCRIPTS.removeMember, key, member);
  }

  async addToIndex(key: string, { name, oldest, maxNames, lifeMs }: IndexEntry): Promise<void> {
    await this.#run(SCRIPTS.addToIndex, key, name, oldest, maxNames, Math.ceil(lifeMs));
  }

  async removeFromIndex(key: string, name: string): Promise<void> {
    await this.#run(SCRIPTS.removeFromIndex, key, name);
  }

  async index(key: string, { count, below = '' }: IndexRange): Promise<readonly string[]> {
    return (await this.#run(SCRIPTS.index, key, below, count)) as string[];
  }

  async #take({ share, records }: Counted): Promise<void> {
    const waitMs = await this.#run(SCRIPTS.take, shareKey(share), records, share.limit, DAY_HOURS);
    if (Number(waitMs) > 0) throw shareUsedUp(share, Number(waitMs));
  }

  async #giveBack({ share, records }: Counted): Promise<void> {
    try {
      await this.#run(SCRIPTS.giveBack, shareKey(share), -records, share.limit, DAY_HOURS);
    } catch (error) {
      // They stay counted for a day.
      if (!(error instanceof StateUnavailable)) throw error;
    }
  }

  /** Runs a step, and retries it once if its reply was lost: every script can safely run twice. */
  async #run(step: RedisScript, key: string, ...args: (string | number)[]): Promise<unknown> {
    try {
      return await this.redis.run(step, [key], args);
    } catch (error) {
      if (!(error instanceof RedisUnavailable)) throw error;
      if (error.kind === 'refused') throw new StateUnavailable(error.message, { cause: error });
    }
    await sleep(RETRY_PAUSE_MS);
    try {
      return await this.redis.run(step, [key], args);
    } catch (cause) {
      if (cause instanceof RedisUnavailable) throw new StateUnavailable(cause.message, { cause });
      throw cause;
    }
  }
}

// Not in the slot of the records: those of one tenant are spread over a Cluster.
function shareKey({ tenantId }: StateShare): string {
  return `cgs:n:${digestOf([tenantId])}`;
}

function script(name: string, flags = ''): RedisScript {
  const source = luaSource(import.meta.url, name);
  // Without the first line, the script would run on a replica.
  return new RedisScript(`state ${name}`, `#!lua${flags}\n${source}`);
}
