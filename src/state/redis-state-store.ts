import { setTimeout as sleep } from 'node:timers/promises';
import { type RedisConnection, RedisUnavailable } from '../redis/redis-connection.js';
import { RedisScript } from '../redis/redis-script.js';
import { type StateEntry, type StateStore, StateUnavailable, type StateWrite } from './state-store.js';
import { luaSource } from '../util/lua-source.js';

// When memory is full, new entries are refused; existing ones can be read, updated and removed.
const ALLOW_OOM = ' flags=allow-oom';
const SCRIPTS = {
  read: script('read', ALLOW_OOM),
  create: script('write'),
  replace: script('write', ALLOW_OOM),
  extend: script('extend', ALLOW_OOM),
  remove: script('remove', ALLOW_OOM),
  members: script('members', ALLOW_OOM),
  addMember: script('add-member'),
  removeMember: script('remove-member', ALLOW_OOM),
};

/** Pause before a step is retried after a timeout or a lost connection, in ms. */
const RETRY_PAUSE_MS = 50;

/** State shared by all replicas. */
export class RedisStateStore implements StateStore {
  constructor(private readonly redis: RedisConnection) {}

  async read(key: string): Promise<StateEntry | undefined> {
    const [version, value, ageMs] = (await this.#run(SCRIPTS.read, key)) as [string?, string?, number?];
    return version === undefined ? undefined : { version, value: value ?? '', ageMs: Number(ageMs) };
  }

  async write(key: string, { expected, version, value, lifeMs }: StateWrite): Promise<boolean> {
    const step = expected === undefined ? SCRIPTS.create : SCRIPTS.replace;
    return (await this.#run(step, key, expected ?? '', version, value, Math.ceil(lifeMs))) === 1;
  }

  async extend(key: string, version: string, lifeMs: number): Promise<boolean> {
    return (await this.#run(SCRIPTS.extend, key, version, Math.ceil(lifeMs))) === 1;
  }

  async remove(key: string, version: string): Promise<boolean> {
    return (await this.#run(SCRIPTS.remove, key, version)) === 1;
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

function script(name: string, flags = ''): RedisScript {
  const source = luaSource(import.meta.url, name);
  // Without the first line, the script would run on a replica.
  return new RedisScript(`state ${name}`, `#!lua${flags}\n${source}`);
}
