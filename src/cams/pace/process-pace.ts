import type { AccountPace, Demand, Allowance } from './account-pace.js';
import { AdaptiveRate } from './adaptive-rate.js';
import { RateLimiter, burstMs } from './rate-limiter.js';
import type { OnTenantsRemoved, RemovedTenants } from '../../util/removed-tenants.js';

interface Account {
  readonly limiter: RateLimiter;
  readonly rate: AdaptiveRate;
  /** Virtual start time of the next call of each tenant: the lowest one is next. */
  readonly passes: Map<string, number>;
  /** The pass of the latest call. A tenant that was idle starts here, without credit. */
  virtualTime: number;
}

/** The part of the account's rate that a process may use, if it is one of several that cannot agree. */
export interface Alone {
  readonly share: number;
}

/** The pace of one process (start-time fair queueing). In-process equivalent of `take-starts.lua`. */
export class ProcessPace implements AccountPace, OnTenantsRemoved {
  readonly #accounts = new Map<string, Account>();

  constructor(private readonly perSecond: number) {}

  /** One call at a time, so that the caller can choose between accounts in between. With a share, without bursts. */
  next(accountId: string, demands: readonly Demand[], nowMs: number, alone?: Alone): Allowance {
    const account = this.#account(accountId);
    const { limiter, rate, passes } = account;
    const ofAccount = rate.perSecond(nowMs);
    const perSecond = ofAccount * (alone?.share ?? 1);
    const told = { perSecond, isSlowed: ofAccount < this.perSecond };
    const pausedForMs = rate.pausedUntilMs - nowMs;
    const waitMs = Math.max(pausedForMs, limiter.waitMs(nowMs, perSecond, alone ? 0 : burstMs(perSecond)));
    let first: { readonly demand: Demand; readonly pass: number } | undefined;
    for (const demand of demands) {
      const pass = Math.max(passes.get(demand.tenant) ?? 0, account.virtualTime);
      passes.set(demand.tenant, pass);
      if (!first || pass < first.pass) first = { demand, pass };
    }
    if (waitMs > 0 || !first) return { ...told, starts: [], waitMs: Math.max(waitMs, 1) };
    const { tenant, weight } = first.demand;
    account.virtualTime = first.pass;
    passes.set(tenant, first.pass + 1 / weight);
    limiter.take(nowMs, perSecond);
    return { ...told, starts: [tenant], waitMs: 0 };
  }

  throttled(accountId: string, forMs: number, nowMs: number): void {
    this.#account(accountId).rate.throttled(nowMs, forMs);
  }

  onTenantsRemoved({ accounts, memberships }: RemovedTenants): void {
    for (const id of accounts) this.#accounts.delete(id);
    for (const { account, tenant } of memberships) this.#accounts.get(account)?.passes.delete(tenant);
  }

  #account(id: string): Account {
    let account = this.#accounts.get(id);
    if (account === undefined) {
      const rate = new AdaptiveRate(this.perSecond);
      account = { limiter: new RateLimiter(this.perSecond), rate, passes: new Map(), virtualTime: 0 };
      this.#accounts.set(id, account);
    }
    return account;
  }
}
