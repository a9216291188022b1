import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { type RedisConnection, RedisUnavailable } from '../../redis/redis-connection.js';
import { RedisScript } from '../../redis/redis-script.js';
import { digestOf } from '../../util/digest.js';
import { luaSource } from '../../util/lua-source.js';
import type { MaybePromise } from '../../util/maybe-promise.js';
import type { OnTenantsRemoved, RemovedTenants } from '../../util/removed-tenants.js';
import { withTimeout } from '../../util/with-timeout.js';
import type { AccountPace, Demand, Allowance } from './account-pace.js';
import { GROWTH, LEAST_PER_SECOND, SLOW_DOWN, SLOW_DOWN_ONCE_MS } from './adaptive-rate.js';
import { ProcessPace } from './process-pace.js';

// Must work even when memory is full: there are no more keys than accounts.
const script = (name: string): RedisScript =>
  new RedisScript(name, `#!lua flags=allow-oom\n${luaSource(import.meta.url, name)}`);
const TAKE_STARTS = script('take-starts');
const SLOW_DOWN_SCRIPT = script('slow-down');

/** Shorter than the command timeout of the connection, because calls wait for it. */
const WAIT_MS = 100;
/** How long a process goes on by itself after Redis has failed, before it asks again. */
const ALONE_MS = 1_000;
/** Once one process is back, how long the others need to be back as well. */
const ALL_BACK_MS = ALONE_MS + WAIT_MS + 100;
/** Part of the rate for a process that has not learned how many replicas there are. */
const UNKNOWN_SHARE = 0.05;
/** How many tenants one script considers. */
const MAX_DEMANDS = 100;

interface Account {
  readonly keys: readonly string[];
  /** The last known number of replicas that call CAMS. */
  replicas: number | undefined;
  aloneUntilMs: number;
  /** Whether Redis does not know of the calls that this process has sent since it last answered. */
  isUnknown: boolean;
}

/**
 * The pace of all replicas together, in the state Redis. While that is away, each replica goes on with an equal part of the
 * rate, as far as it knows.
 */
export class SharedPace implements AccountPace, OnTenantsRemoved {
  readonly #logger = new Logger(SharedPace.name);
  readonly #replica = randomUUID();
  readonly #own: ProcessPace;
  readonly #accounts = new Map<string, Account>();

  constructor(
    private readonly redis: RedisConnection,
    private readonly perSecond: number,
  ) {
    this.#own = new ProcessPace(perSecond);
  }

  next(accountId: string, demands: readonly Demand[], nowMs: number): MaybePromise<Allowance> {
    const account = this.#account(accountId);
    if (nowMs < account.aloneUntilMs) return this.#alone(accountId, account, demands, nowMs);
    return this.#together(accountId, account, demands.slice(0, MAX_DEMANDS));
  }

  throttled(accountId: string, forMs: number, nowMs: number): void {
    this.#own.throttled(accountId, forMs, nowMs);
    const args = [this.perSecond, GROWTH, SLOW_DOWN, SLOW_DOWN_ONCE_MS, LEAST_PER_SECOND, forMs];
    this.redis
      .run(SLOW_DOWN_SCRIPT, this.#account(accountId).keys.slice(0, 1), args)
      .catch((error: unknown) => this.#noteFailure(error));
  }

  onTenantsRemoved(removed: RemovedTenants): void {
    this.#own.onTenantsRemoved(removed);
    for (const id of removed.accounts) this.#accounts.delete(id);
  }

  async #together(accountId: string, account: Account, demands: readonly Demand[]): Promise<Allowance> {
    const { perSecond } = this;
    try {
      const args = demands.flatMap(({ tenant, weight, calls }) => [digestOf([tenant]), weight, calls]);
      const all = [perSecond, GROWTH, this.#replica, account.isUnknown ? ALL_BACK_MS : 0, ...args];
      const asked = this.redis.run(TAKE_STARTS, account.keys, all);
      const [aloneMs, waitMs, replicas, rate, ...places] = (await withTimeout(
        asked,
        WAIT_MS,
        tooSlow,
      )) as Reply;
      account.isUnknown = false;
      if (aloneMs > 0) return this.#goOnAlone(accountId, account, demands, aloneMs);
      account.replicas = replicas;
      return {
        starts: places.flatMap((place) => demands[(place - FIRST_PLACE) / 3]?.tenant ?? []),
        waitMs,
        perSecond: Number(rate) / replicas,
        isSlowed: Number(rate) < perSecond,
      };
    } catch (error) {
      this.#noteFailure(error);
      account.isUnknown = true;
      return this.#goOnAlone(accountId, account, demands, ALONE_MS);
    }
  }

  #goOnAlone(accountId: string, account: Account, demands: readonly Demand[], forMs: number): Allowance {
    const nowMs = performance.now();
    account.aloneUntilMs = nowMs + forMs;
    return this.#alone(accountId, account, demands, nowMs);
  }

  #alone(accountId: string, { replicas }: Account, demands: readonly Demand[], nowMs: number): Allowance {
    const share = replicas === undefined ? UNKNOWN_SHARE : 1 / replicas;
    return this.#own.next(accountId, demands, nowMs, { share });
  }

  /** The connection itself reports that Redis is away. */
  #noteFailure(error: unknown): void {
    if (error instanceof RedisUnavailable) return;
    this.#logger.error({
      msg: 'could not agree with other replicas on the rate of calls to CAMS',
      err: error,
    });
  }

  #account(id: string): Account {
    let account = this.#accounts.get(id);
    if (account === undefined) {
      // One slot of a Cluster. Digests keep names out of Redis.
      const prefix = `cgs:pace:{${digestOf([id])}}`;
      const keys = ['s', 't', 'w', 'p', 'r'].map((part) => `${prefix}:${part}`);
      account = { keys, replicas: undefined, aloneUntilMs: Number.NEGATIVE_INFINITY, isUnknown: false };
      this.#accounts.set(id, account);
    }
    return account;
  }
}

/** The place of the first tenant in the arguments of the script. */
const FIRST_PLACE = 5;
type Reply = [aloneMs: number, waitMs: number, replicas: number, perSecond: string, ...places: number[]];

function tooSlow(): Error {
  return new RedisUnavailable('timeout', `no response within ${WAIT_MS} ms`);
}
