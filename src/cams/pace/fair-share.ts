import type { Interest } from '../../request/interest.js';
import type { RemovedTenants } from '../../util/removed-tenants.js';
import type { AccountPace, Allowance, Demand } from './account-pace.js';
import {
  type AccountQueue,
  type Release,
  type TenantQueue,
  type Waiter,
  emptyAccountQueue,
  tenantQueueOf,
  waitsSinceMs,
} from './account-queue.js';
import { type Clock, SYSTEM_CLOCK } from './clock.js';
import { Overload } from './overload.js';

export interface FairShareOptions {
  readonly maxConcurrency: number;
  /** Decides when the calls of an account may start. */
  readonly pace: AccountPace;
  /** The rate that a process can expect until the pace says more, in calls per second and account. */
  readonly perSecond: number;
  readonly maxWaitingPerTenant?: number;
  readonly maxWaiting?: number;
  readonly clock?: Clock;
  /** Called after each change of `underWay` or `waiting`. */
  readonly onChange?: () => void;
  /** Called with the rate that an account can expect, in calls per second, each time that its pace says it. */
  readonly onRate?: (account: string, perSecond: number) => void;
}

/** A request for a permit, and how long it can wait. */
export interface Claim {
  readonly account: string;
  readonly tenant: string;
  readonly weight: number;
  readonly maxWaitMs: number;
  /** Who waits for the call. Without anybody, it leaves the queue. */
  readonly interest?: Interest;
}

const MAX_RETRY_AFTER_SECONDS = 60;
/** How long a tenant without calls still counts as one that uses its share. */
const ACTIVE_MS = 1_000;
/** One permit in eight is reserved for tenants with less than their share, and half of those for tenants that hold none. */
const RESERVED_SHARE = 8;
/** How many times as many permits one account leaves to the others. */
const RESERVED_OF_ACCOUNT = 2;

/**
 * Grants permits to call upstream: at most `maxConcurrency` at once per process, and to each account as many as its pace
 * allows, which also decides between its tenants.
 */
export class FairShare {
  readonly #accounts = new Map<string, AccountQueue>();
  readonly #clock: Clock;
  readonly #maxWaitingPerTenant: number;
  readonly #maxWaiting: number;
  readonly #reserved: number;
  #underWay = 0;
  #waiting = 0;
  #cancelWakeUp: (() => void) | undefined;

  constructor(private readonly options: FairShareOptions) {
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#maxWaitingPerTenant = options.maxWaitingPerTenant ?? 256;
    this.#maxWaiting = options.maxWaiting ?? 2_048;
    this.#reserved = Math.floor(options.maxConcurrency / RESERVED_SHARE);
  }

  get underWay(): number {
    return this.#underWay;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Resolves when the call may start. Call the returned function when the call has ended. Throws {@link Overload}. */
  acquire({ account: accountId, tenant: tenantId, weight, maxWaitMs, interest }: Claim): Promise<Release> {
    const account = this.#account(accountId);
    const tenant = tenantQueueOf(account, tenantId);
    tenant.weight = weight;
    if (tenant.waiters.length >= this.#maxWaitingPerTenant || this.#waiting >= this.#maxWaiting) {
      return Promise.reject(this.#overload('queue-full', account));
    }
    const sinceMs = this.#clock.nowMs();
    const untilMs = sinceMs + Math.max(0, maxWaitMs);
    if (account.askAtMs > untilMs) return Promise.reject(this.#overload('waited-too-long', account));
    return new Promise((grant, reject) => {
      const waiter: Waiter = { sinceMs, untilMs, grant, reject, stopWaiting: () => {} };
      tenant.waiters.push(waiter);
      this.#count(account, 1);
      this.#dispatch();
      if (!tenant.waiters.includes(waiter)) return;
      const giveUp = (): void => this.#giveUp(account, tenant, waiter);
      const cancelTimer = this.#clock.after(Math.max(0, maxWaitMs), giveUp);
      let ignoreLoss = (): void => {};
      waiter.stopWaiting = () => {
        cancelTimer();
        ignoreLoss();
      };
      if (interest) ignoreLoss = interest.onLost(giveUp);
    });
  }

  /** Returns the tenant's present share of the account's rate, in calls per second: all of it while no other tenant calls. */
  shareOf({ account: accountId, tenant: tenantId, weight }: Omit<Claim, 'maxWaitMs'>): number {
    const account = this.#account(accountId);
    return (this.#rateOf(account) * weight) / (weight + this.#activeWeightOf(account, tenantId));
  }

  /** Keeps queues in which calls wait: their tenants have been added again, and nothing else would start those calls. */
  forget({ accounts, memberships }: RemovedTenants): void {
    for (const id of accounts) if (this.#accounts.get(id)?.waiting === 0) this.#accounts.delete(id);
    for (const { account, tenant } of memberships) {
      const tenants = this.#accounts.get(account)?.tenants;
      if (tenants?.get(tenant)?.waiters.length === 0) tenants.delete(tenant);
    }
  }

  /** Returns the weight of the tenants that use their shares, without this one. */
  #activeWeightOf({ tenants }: AccountQueue, except?: string): number {
    const activeSinceMs = this.#clock.nowMs() - ACTIVE_MS;
    let sum = 0;
    for (const [id, { waiters, underWay, grantedAtMs, weight }] of tenants) {
      const isActive = waiters.length > 0 || underWay > 0 || grantedAtMs > activeSinceMs;
      if (isActive && id !== except) sum += weight;
    }
    return sum;
  }

  /**
   * Starts the calls that may start, and schedules the next wake-up. Both use one reading of the clock: an account that
   * became due between two readings would never be woken up.
   */
  #dispatch(): void {
    const nowMs = this.#clock.nowMs();
    for (let account = this.#nextAccount(nowMs); account !== undefined; account = this.#nextAccount(nowMs))
      this.#ask(account, nowMs);
    this.#wakeUpForPace(nowMs);
  }

  #ask(account: AccountQueue, nowMs: number): void {
    const allowance = this.options.pace.next(account.id, this.#demandsOf(account), nowMs);
    if (allowance instanceof Promise) void this.#takeLater(account, allowance);
    else this.#take(account, allowance, nowMs);
  }

  async #takeLater(account: AccountQueue, asked: Promise<Allowance>): Promise<void> {
    account.isAsking = true;
    const allowance = await asked;
    account.isAsking = false;
    this.#take(account, allowance, this.#clock.nowMs());
    this.#dispatch();
  }

  /** Returns what could start now, those first that have waited longest. */
  #demandsOf(account: AccountQueue): Demand[] {
    const free = this.options.maxConcurrency - this.#underWay - Math.ceil(this.#reserved / 2);
    const calls = Math.max(1, Math.min(free, this.#freeOf(account)));
    return [...account.tenants]
      .filter(([, tenant]) => tenant.waiters.length > 0 && this.#hasPermitFor(account, tenant))
      .toSorted(([, a], [, b]) => waitsSinceMs(a) - waitsSinceMs(b))
      .map(([id, { waiters, weight }]) => ({
        tenant: id,
        weight,
        calls: Math.min(waiters.length, calls),
      }));
  }

  #take(account: AccountQueue, allowance: Allowance, nowMs: number): void {
    account.allowance = allowance;
    this.options.onRate?.(account.id, allowance.perSecond);
    account.askAtMs = nowMs + allowance.waitMs;
    for (const id of allowance.starts) {
      const tenant = tenantQueueOf(account, id);
      // While the pace was asked, others may have taken the permits, and callers may have given up.
      if (tenant.waiters.length > 0 && this.#hasPermitFor(account, tenant))
        this.#start(account, tenant, nowMs);
    }
    // They would wait in vain, because CAMS asked for a long pause.
    for (const tenant of account.tenants.values())
      for (const waiter of tenant.waiters.filter(({ untilMs }) => untilMs < account.askAtMs))
        this.#giveUp(account, tenant, waiter);
  }

  #giveUp(account: AccountQueue, tenant: TenantQueue, waiter: Waiter): void {
    waiter.stopWaiting();
    tenant.waiters.splice(tenant.waiters.indexOf(waiter), 1);
    waiter.reject(this.#overload('waited-too-long', account));
    this.#count(account, -1);
  }

  #start(account: AccountQueue, tenant: TenantQueue, nowMs: number): void {
    const waiter = tenant.waiters.shift();
    if (waiter === undefined) return;
    waiter.stopWaiting();
    tenant.grantedAtMs = nowMs;
    this.#underWay += 1;
    account.underWay += 1;
    tenant.underWay += 1;
    this.#count(account, -1);
    waiter.grant(this.#releaseOf(account, tenant));
  }

  #releaseOf(account: AccountQueue, tenant: TenantQueue): Release {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#underWay -= 1;
      account.underWay -= 1;
      tenant.underWay -= 1;
      this.options.onChange?.();
      this.#dispatch();
    };
  }

  /** Returns the account with the fewest calls in flight among those that may be able to start one now. */
  #nextAccount(nowMs: number): AccountQueue | undefined {
    let next: AccountQueue | undefined;
    for (const account of this.#accounts.values()) {
      if (account.waiting === 0 || account.isAsking || account.askAtMs > nowMs) continue;
      if (!this.#hasPermitForAny(account)) continue;
      if (next === undefined || account.underWay < next.underWay) next = account;
    }
    return next;
  }

  #hasPermitForAny(account: AccountQueue): boolean {
    for (const tenant of account.tenants.values())
      if (tenant.waiters.length > 0 && this.#hasPermitFor(account, tenant)) return true;
    return false;
  }

  #hasPermitFor(account: AccountQueue, tenant: TenantQueue): boolean {
    const free = this.options.maxConcurrency - this.#underWay;
    if (free <= 0 || this.#freeOf(account) <= 0) return false;
    if (free > this.#reserved || tenant.underWay === 0) return true;
    return free > Math.ceil(this.#reserved / 2) && this.#hasLessThanItsShare(account, tenant);
  }

  /** As if one more tenant called, which may happen while the calls last. */
  #hasLessThanItsShare(account: AccountQueue, { underWay, weight }: TenantQueue): boolean {
    const all = this.#activeWeightOf(account) + weight;
    return underWay < (this.options.maxConcurrency * weight) / all;
  }

  /** The permits that an account may still take. If there are others, calls of one that hang must leave some to them. */
  #freeOf({ underWay }: AccountQueue): number {
    const { maxConcurrency } = this.options;
    return maxConcurrency - (this.#accounts.size > 1 ? RESERVED_OF_ACCOUNT * this.#reserved : 0) - underWay;
  }

  /** Schedules a wake-up when permits are free but rate limits delay calls: no release would start those. */
  #wakeUpForPace(nowMs: number): void {
    this.#cancelWakeUp?.();
    this.#cancelWakeUp = undefined;
    if (this.#underWay >= this.options.maxConcurrency) return;
    const waits = [...this.#accounts.values()]
      .filter(({ waiting, isAsking }) => waiting > 0 && !isAsking)
      .map(({ askAtMs }) => askAtMs - nowMs)
      // The others wait for a release.
      .filter((waitMs) => waitMs > 0);
    if (waits.length > 0) {
      this.#cancelWakeUp = this.#clock.after(Math.ceil(Math.min(...waits)), () => this.#dispatch());
    }
  }

  #count(account: AccountQueue, change: 1 | -1): void {
    account.waiting += change;
    this.#waiting += change;
    this.options.onChange?.();
  }

  #overload(reason: Overload['reason'], account: AccountQueue): Overload {
    const pausedForMs = account.askAtMs - this.#clock.nowMs();
    const seconds = Math.ceil(Math.max(account.waiting / this.#rateOf(account), pausedForMs / 1_000));
    const retryAfterSeconds = Math.min(MAX_RETRY_AFTER_SECONDS, Math.max(1, seconds));
    return new Overload(reason, retryAfterSeconds, account.allowance?.isSlowed === true);
  }

  #rateOf({ allowance }: AccountQueue): number {
    return allowance?.perSecond ?? this.options.perSecond;
  }

  #account(id: string): AccountQueue {
    let account = this.#accounts.get(id);
    if (account === undefined) {
      account = emptyAccountQueue(id);
      this.#accounts.set(id, account);
    }
    return account;
  }
}
