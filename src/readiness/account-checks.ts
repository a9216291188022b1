import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { CamsClient } from '../cams/cams-client.js';
import { Config } from '../config/config.js';
import { RequestContext } from '../request/request-context.js';
import { Metrics } from '../telemetry/metrics.js';
import { TenantDirectory } from '../tenancy/directory/tenant-directory.js';
import type { Permission } from '../tenancy/permissions.js';
import { ConcurrencyLimit } from '../util/concurrency-limit.js';
import { KeyedMutex } from '../util/keyed-mutex.js';
import { AccountAdvice } from './account-advice.js';
import { AccountCheck, type Verdict } from './account-check.js';
import { type CheckTarget, checkTargets } from './check-target.js';

const READ: ReadonlySet<Permission> = new Set(['groups:read']);
/** Of the permits to call CAMS, checks can hold one in eight, or one: requests must not wait for them. */
const PERMIT_SHARE = 8;

/**
 * Checks each account of the tenants file against CAMS: credentials, allow-listing, the clock. A check is one list of the
 * first number that the file names for the account, as background work of its tenant: it takes part in the rate limit and
 * the fair share, bypasses the page cache, and does not count towards the tenant's quota.
 */
@Injectable()
export class AccountChecks implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger(AccountChecks.name);
  readonly #checks = new Map<string, AccountCheck>();
  readonly #accounts = new KeyedMutex();
  readonly #limit: ConcurrencyLimit;
  readonly #advice: AccountAdvice;
  #isStarted = false;
  #isStopped = false;

  constructor(
    private readonly directory: TenantDirectory,
    private readonly cams: CamsClient,
    private readonly config: Config,
    private readonly metrics: Metrics,
  ) {
    this.#limit = new ConcurrencyLimit(Math.max(1, Math.floor(config.cams.maxConcurrency / PERMIT_SHARE)));
    this.#advice = new AccountAdvice(config);
  }

  onApplicationBootstrap(): void {
    this.#applyTenantsFile();
    this.directory.onChange(() => this.#applyTenantsFile());
    this.cams.observe((account, outcome) => {
      if (outcome !== 'ok' && outcome !== 'UPSTREAM_NOT_ALLOWED') return;
      this.#checks.get(account.id)?.noteCall(account, outcome === 'ok');
    });
  }

  onModuleDestroy(): void {
    this.#isStopped = true;
    for (const check of this.#checks.values()) check.stop();
  }

  /** Checks every account in the background, and from now on each account that a reload adds or changes. */
  start(): void {
    if (this.#isStarted || this.#isStopped) return;
    this.#isStarted = true;
    for (const check of this.#checks.values()) check.start();
  }

  /** By account: `ok`, or what is wrong and what to do about it. */
  get results(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      [...this.#checks].map(([id, { verdict }]) => [id, verdict.ok ? 'ok' : verdict.advice]),
    );
  }

  #applyTenantsFile(): void {
    const targets = checkTargets(this.directory.accounts, this.directory.tenants);
    for (const [id, check] of this.#checks) {
      if (targets.has(id)) continue;
      check.stop();
      this.#checks.delete(id);
      this.metrics.camsAccountReady.remove({ account: id });
    }
    for (const [id, target] of targets) {
      const known = this.#checks.get(id);
      if (known) known.retarget(target);
      else this.#add(id, target);
    }
  }

  #add(id: string, target: CheckTarget): void {
    const check: AccountCheck = new AccountCheck(target, {
      check: (latest) => this.#inTurn(latest, () => this.#checks.get(id) === check && !this.#isStopped),
      refused: (latest) => this.#advice.refusedUnchecked(latest),
      onVerdict: (latest, verdict) => this.#report(latest, verdict),
    });
    this.#checks.set(id, check);
    this.metrics.camsAccountReady.set({ account: id }, 0);
    if (this.#isStarted) check.start();
  }

  /** Waits for a free place, and for the check of an account that was removed and then added again. */
  async #inTurn(target: CheckTarget, isWanted: () => boolean): Promise<Verdict> {
    if (target.kind !== 'number') return this.#advice.withoutNumber(target);
    // Needs no time limit: each check has one.
    const never = (): Error => new Error('The previous check of the account did not end.');
    return this.#accounts.run(target.account.id, Infinity, never, () =>
      this.#limit.run(async () =>
        isWanted() ? this.#check(target) : { ok: false, advice: 'No longer checked.' },
      ),
    );
  }

  async #check(target: Extract<CheckTarget, { kind: 'number' }>): Promise<Verdict> {
    const { account, tenantId } = target;
    const request = new RequestContext(`account-check-${account.id}`, this.config.http.requestBudgetMs);
    // An overload of the gateway says nothing about the account.
    request.isAdmitted = true;
    // As every page requested from CAMS.
    const page = { index: 1, size: this.config.cams.pageSize };
    try {
      const scope = this.directory.scope(tenantId, target, request, READ);
      return this.#advice.sent(target, await this.cams.diagnose(scope, 'listChatGroups', { page }));
    } catch (error) {
      return this.#advice.unsent(target, error);
    }
  }

  #report({ account: { id: account } }: CheckTarget, verdict: Verdict): void {
    this.metrics.camsAccountReady.set({ account }, verdict.ok ? 1 : 0);
    if (!verdict.ok) this.#logger.error({ msg: `account not ready: ${verdict.advice}`, account });
    else if (verdict.warning === undefined) this.#logger.log(`CAMS accepts calls for account ${account}`);
    else this.#logger.warn({ msg: verdict.warning, account });
  }
}
