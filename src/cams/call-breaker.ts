import { Logger } from '@nestjs/common';
import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  circuitBreaker,
  handleWhenResult,
} from 'cockatiel';
import { RecentFailures } from './recent-failures.js';

/** Fewest calls to judge by, as a part of what the account may send in a second. */
const LEAST_PART = 0.2;
const LEAST_CALLS = 10;
/** How long no call is sent before one is tried. */
const PAUSE_MS = 1_000;

/** The call was not sent, because most calls of its account fail. */
export class AccountBroken extends Error {
  override readonly name = 'AccountBroken';
  readonly retryAfterSeconds = PAUSE_MS / 1_000;
}

interface Account {
  policy: CircuitBreakerPolicy;
  openedAtMs: number;
  /** Whether the log says so. */
  isBroken: boolean;
}

/**
 * Stops calling an account of CAMS while most of its calls fail, so that they neither wait for what fails nor keep CAMS from
 * recovering. After a second, a single call decides whether all go on.
 */
export class CallBreaker<Outcome> {
  readonly #logger = new Logger(CallBreaker.name);
  /** Limited by the tenants file. */
  readonly #accounts = new Map<string, Account>();

  /** `isFailure` tells failures of CAMS from refusals, which never stop anything. `onChange` is called with `false` when an account is first used. */
  constructor(
    private readonly perSecond: number,
    private readonly isFailure: (outcome: Outcome) => boolean,
    private readonly onChange: (accountId: string, isBroken: boolean) => void,
  ) {}

  /** Throws {@link AccountBroken} if a call would not be sent. */
  check(accountId: string): void {
    const { policy } = this.#account(accountId);
    if (this.#isPausing(accountId) || policy.state === CircuitState.HalfOpen) throw new AccountBroken();
  }

  /**
   * Sends a call and judges by its outcome. `send` learns whether all others wait for that. Throws {@link AccountBroken} if it
   * was not sent.
   */
  async run<T extends Outcome>(accountId: string, send: (isProbe: boolean) => Promise<T>): Promise<T> {
    // The policy would let a call wait for the outcome of another, and then send it, however late.
    this.check(accountId);
    const { policy } = this.#account(accountId);
    const isProbe = policy.state !== CircuitState.Closed;
    try {
      return await policy.execute(async () => send(isProbe));
    } catch (error) {
      if (!(error instanceof BrokenCircuitError)) throw error;
      // The library uses the wall clock. If that was set back, its pause would not end.
      if (!this.#isPausing(accountId)) this.#account(accountId).policy = this.#policy(accountId);
      throw new AccountBroken();
    }
  }

  #isPausing(accountId: string): boolean {
    const { policy, openedAtMs } = this.#account(accountId);
    return policy.state === CircuitState.Open && performance.now() - openedAtMs < PAUSE_MS;
  }

  #account(id: string): Account {
    let account = this.#accounts.get(id);
    if (account === undefined) {
      account = { policy: this.#policy(id), openedAtMs: Number.NEGATIVE_INFINITY, isBroken: false };
      this.#accounts.set(id, account);
      this.onChange(id, false);
    }
    return account;
  }

  #policy(accountId: string): CircuitBreakerPolicy {
    const leastCalls = Math.max(LEAST_CALLS, this.perSecond * LEAST_PART);
    const policy = circuitBreaker(
      handleWhenResult((outcome) => this.isFailure(outcome as Outcome)),
      {
        breaker: new RecentFailures(leastCalls),
        halfOpenAfter: PAUSE_MS,
      },
    );
    policy.onStateChange((state) => this.#note(accountId, state));
    return policy;
  }

  #note(accountId: string, state: CircuitState): void {
    const account = this.#account(accountId);
    if (state === CircuitState.Open) account.openedAtMs = performance.now();
    // It opens again after each probe that fails.
    if (state === CircuitState.HalfOpen || account.isBroken === (state === CircuitState.Open)) return;
    account.isBroken = state === CircuitState.Open;
    this.onChange(accountId, account.isBroken);
    if (account.isBroken)
      this.#logger.warn({ msg: 'most calls to CAMS fail: trying one a second', account: accountId });
    else this.#logger.log({ msg: 'CAMS works again', account: accountId });
  }
}
