import { RateLimiter } from './rate-limiter.js';

/** The clock of the queue, replaceable in tests. */
export interface Clock {
  nowMs(): number;
  /** Calls `run` once after `ms`. Returns a function that cancels it. */
  after(ms: number, run: () => void): () => void;
}

export const SYSTEM_CLOCK: Clock = {
  nowMs: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

export interface FairShareOptions {
  readonly maxConcurrency: number;
  /** Call starts per second and account. */
  readonly perSecond: number;
  readonly maxWaitingPerTenant?: number;
  readonly maxWaiting?: number;
  readonly clock?: Clock;
  /** Called after each change of `underWay` or `waiting`. */
  readonly onChange?: () => void;
}

/** A request for a permit, and how long it can wait. */
export interface Claim {
  readonly account: string;
  readonly tenant: string;
  readonly weight: number;
  readonly maxWaitMs: number;
}

/** No call was started: a queue is full, or the maximum wait elapsed. */
export class Overload extends Error {
  override readonly name = 'Overload';
  constructor(
    readonly reason: 'queue-full' | 'waited-too-long',
    readonly retryAfterSeconds: number,
  ) {
    super(reason);
  }
}

/** Releases a permit. Idempotent. */
export type Release = () => void;

interface Waiter {
  readonly grant: (release: Release) => void;
  cancelTimer: () => void;
}

interface TenantQueue {
  readonly waiters: Waiter[];
  weight: number;
  underWay: number;
  /** Virtual start time of the next permit: the tenant with the lowest one is next. */
  pass: number;
  /** When the latest permit was granted. */
  grantedAtMs: number;
}

interface AccountQueue {
  /** Limited by the tenants file, like the accounts. */
  readonly tenants: Map<string, TenantQueue>;
  readonly limiter: RateLimiter;
  waiting: number;
  underWay: number;
  /** Virtual time: the pass of the latest permit. A tenant that was idle starts here, without credit. */
  virtualTime: number;
}

const MAX_RETRY_AFTER_SECONDS = 30;
/** How long a tenant without calls still counts as one that uses its share. */
const ACTIVE_MS = 1_000;
/** One permit in eight is reserved for tenants that hold none, so that one tenant's hung calls do not block others. */
const RESERVED_SHARE = 8;

/**
 * Grants permits to call upstream: at most `maxConcurrency` at once per process and `perSecond` per second and account.
 * Under contention, each tenant of an account gets a share in proportion to its weight (start-time fair queueing).
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
  acquire({ account: accountId, tenant: tenantId, weight, maxWaitMs }: Claim): Promise<Release> {
    const account = this.#account(accountId);
    const tenant = this.#tenant(account, tenantId);
    tenant.weight = weight;
    if (tenant.waiters.length >= this.#maxWaitingPerTenant || this.#waiting >= this.#maxWaiting) {
      return Promise.reject(new Overload('queue-full', this.#retryAfterSeconds(account)));
    }
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { grant: resolve, cancelTimer: () => {} };
      if (tenant.waiters.length === 0) tenant.pass = Math.max(tenant.pass, account.virtualTime);
      tenant.waiters.push(waiter);
      this.#count(account, 1);
      this.#dispatch();
      if (!tenant.waiters.includes(waiter)) return;
      waiter.cancelTimer = this.#clock.after(Math.max(0, maxWaitMs), () => {
        tenant.waiters.splice(tenant.waiters.indexOf(waiter), 1);
        reject(new Overload('waited-too-long', this.#retryAfterSeconds(account)));
        this.#count(account, -1);
      });
    });
  }

  /** Returns the tenant's present share of the account's rate, in calls per second: all of it while no other tenant calls. */
  shareOf({ account: accountId, tenant: tenantId, weight }: Omit<Claim, 'maxWaitMs'>): number {
    const activeSinceMs = this.#clock.nowMs() - ACTIVE_MS;
    let others = 0;
    for (const [id, tenant] of this.#account(accountId).tenants) {
      if (id === tenantId) continue;
      const isActive = tenant.waiters.length > 0 || tenant.underWay > 0 || tenant.grantedAtMs > activeSinceMs;
      if (isActive) others += tenant.weight;
    }
    return (this.options.perSecond * weight) / (weight + others);
  }

  /**
   * Starts the calls that may start, and schedules the next wake-up. Both use one reading of the clock: an account that
   * became due between two readings would never be woken up.
   */
  #dispatch(): void {
    const nowMs = this.#clock.nowMs();
    for (let account = this.#nextAccount(nowMs); account !== undefined; account = this.#nextAccount(nowMs)) {
      const tenant = this.#nextTenant(account);
      const waiter = tenant?.waiters.shift();
      if (tenant === undefined || waiter === undefined) break;
      waiter.cancelTimer();
      account.virtualTime = Math.max(account.virtualTime, tenant.pass);
      tenant.pass += 1 / tenant.weight;
      tenant.grantedAtMs = nowMs;
      account.limiter.take(nowMs);
      this.#underWay += 1;
      account.underWay += 1;
      tenant.underWay += 1;
      this.#count(account, -1);
      waiter.grant(this.#releaseOf(account, tenant));
    }
    this.#wakeUpForPace(nowMs);
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

  /** Returns the account with the fewest calls in flight among those that can start one now. */
  #nextAccount(nowMs: number): AccountQueue | undefined {
    let next: AccountQueue | undefined;
    for (const account of this.#accounts.values()) {
      if (account.waiting === 0 || account.limiter.waitMs(nowMs) > 0) continue;
      if (this.#nextTenant(account) === undefined) continue;
      if (next === undefined || account.underWay < next.underWay) next = account;
    }
    return next;
  }

  #nextTenant(account: AccountQueue): TenantQueue | undefined {
    let next: TenantQueue | undefined;
    for (const tenant of account.tenants.values()) {
      if (tenant.waiters.length === 0 || !this.#hasPermitFor(tenant)) continue;
      if (next === undefined || tenant.pass < next.pass) next = tenant;
    }
    return next;
  }

  #hasPermitFor(tenant: TenantQueue): boolean {
    const free = this.options.maxConcurrency - this.#underWay;
    return free > (tenant.underWay === 0 ? 0 : this.#reserved);
  }

  /** Schedules a wake-up when permits are free but rate limits delay calls: no release would start those. */
  #wakeUpForPace(nowMs: number): void {
    this.#cancelWakeUp?.();
    this.#cancelWakeUp = undefined;
    if (this.#underWay >= this.options.maxConcurrency) return;
    const waits = [...this.#accounts.values()]
      .filter(({ waiting }) => waiting > 0)
      .map(({ limiter }) => limiter.waitMs(nowMs))
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

  #retryAfterSeconds(account: AccountQueue): number {
    const seconds = Math.ceil(account.waiting / this.options.perSecond);
    return Math.min(MAX_RETRY_AFTER_SECONDS, Math.max(1, seconds));
  }

  #account(id: string): AccountQueue {
    let account = this.#accounts.get(id);
    if (account === undefined) {
      const limiter = new RateLimiter(this.options.perSecond);
      account = { tenants: new Map(), limiter, waiting: 0, underWay: 0, virtualTime: 0 };
      this.#accounts.set(id, account);
    }
    return account;
  }

  #tenant(account: AccountQueue, id: string): TenantQueue {
    let tenant = account.tenants.get(id);
    if (tenant === undefined) {
      const grantedAtMs = Number.NEGATIVE_INFINITY;
      tenant = { waiters: [], weight: 1, underWay: 0, pass: account.virtualTime, grantedAtMs };
      account.tenants.set(id, tenant);
    }
    return tenant;
  }
}
