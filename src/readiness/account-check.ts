import type { Account } from '../tenancy/account.js';
import { MINUTE_MS } from '../util/durations.js';
import { type CheckTarget, isSameTarget } from './check-target.js';

/** The result of a check. */
export type Verdict =
  /** `warning`: what to do before it becomes a fault. */
  | { readonly ok: true; readonly warning?: string }
  /** `advice` names the fault and what to do about it. `retryAfterMs`: how long CAMS asks to wait. */
  | { readonly ok: false; readonly advice: string; readonly retryAfterMs?: number };

export interface AccountCheckOptions {
  /** Calls CAMS, or explains why it cannot be called. Never rejects. */
  readonly check: (target: CheckTarget) => Promise<Verdict>;
  /** The verdict on an account that cannot be checked, once CAMS has refused a call of a tenant as not allowed. */
  readonly refused: (target: CheckTarget) => Verdict;
  /** Is notified of each verdict that differs from the previous one, and of the first one for each target. */
  readonly onVerdict: (target: CheckTarget, verdict: Verdict) => void;
}

const FIRST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = MINUTE_MS;
/** How often refused calls can cause another check, or turn an account that cannot be checked from ok to not ok. */
const RECHECK_INTERVAL_MS = MINUTE_MS;

/** The check of one account: repeated with backoff until it is ok, one call at a time. */
export class AccountCheck {
  #target: CheckTarget;
  #verdict: Verdict = { ok: false, advice: 'Not checked yet.' };
  #notified: string | undefined;
  #isStarted = false;
  #isRunning = false;
  #isStopped = false;
  #failures = 0;
  #startedAtMs = 0;
  /** Whether CAMS has refused a call since the latest check was started. */
  #isDoubted = false;
  #doubtedAtMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    target: CheckTarget,
    private readonly options: AccountCheckOptions,
  ) {
    this.#target = target;
  }

  get verdict(): Verdict {
    return this.#verdict;
  }

  start(): void {
    this.#isStarted = true;
    if (!this.#isRunning) void this.#run();
  }

  /** Checks the account again if it, or the number to check it with, has changed. */
  retarget(target: CheckTarget): void {
    if (isSameTarget(target, this.#target)) return;
    this.#target = target;
    this.#failures = 0;
    this.#notified = undefined;
    if (this.#isStarted && !this.#isRunning) void this.#run();
  }

  /** Notes the outcome of a tenant's call, which was signed for `account`. */
  noteCall(account: Account, isAllowed: boolean): void {
    if (!this.#isStarted || this.#isStopped || account !== this.#target.account) return;
    if (this.#target.kind === 'no-number') this.#judgeBy(isAllowed);
    // Where there can be a check, only the check counts: a call can contradict it forever, for example if the space of one
    // tenant does not belong to the account.
    if (this.#target.kind !== 'number' || isAllowed) return;
    this.#isDoubted = true;
    if (this.#verdict.ok && !this.#isRunning) this.#recheck();
  }

  /** Ends the checks. The result of one in flight is ignored. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  /** Without a check, the latest call counts. One tenant or action that is refused must not flood the log, though. */
  #judgeBy(isAllowed: boolean): void {
    clearTimeout(this.#timer);
    if (isAllowed) {
      this.#settle({ ok: true });
      return;
    }
    const refuse = (): void => {
      this.#doubtedAtMs = performance.now();
      this.#settle(this.options.refused(this.#target));
    };
    if (this.#verdict.ok) this.#onceAMinute(this.#doubtedAtMs, refuse);
    else refuse();
  }

  /** Checks the account again, because CAMS has refused a call of a tenant. */
  #recheck(): void {
    this.#onceAMinute(this.#startedAtMs, () => void this.#run());
  }

  /** Takes a step now, or once a minute has passed since the previous one. */
  #onceAMinute(previousMs: number, step: () => void): void {
    clearTimeout(this.#timer);
    const restMs = previousMs + RECHECK_INTERVAL_MS - performance.now();
    if (restMs > 0) this.#timer = setTimeout(step, restMs).unref();
    else step();
  }

  async #run(): Promise<void> {
    clearTimeout(this.#timer);
    this.#isRunning = true;
    let target: CheckTarget;
    let verdict: Verdict;
    do {
      target = this.#target;
      this.#startedAtMs = performance.now();
      this.#isDoubted = false;
      verdict = await this.options.check(target);
      if (this.#isStopped) return;
    } while (target !== this.#target);
    this.#isRunning = false;
    this.#settle(verdict);
    if (target.kind !== 'number') return;
    if (!verdict.ok) this.#timer = setTimeout(() => void this.#run(), this.#retryMs(verdict)).unref();
    else if (this.#isDoubted) this.#recheck();
  }

  #settle(verdict: Verdict): void {
    this.#verdict = verdict;
    if (verdict.ok) this.#failures = 0;
    const text = `${verdict.ok} ${verdict.ok ? verdict.warning : verdict.advice}`;
    if (text === this.#notified) return;
    this.#notified = text;
    this.options.onVerdict(this.#target, verdict);
  }

  #retryMs({ retryAfterMs = 0 }: Extract<Verdict, { ok: false }>): number {
    const backoffMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures);
    this.#failures += 1;
    return Math.max(backoffMs, retryAfterMs);
  }
}
