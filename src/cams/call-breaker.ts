import { Logger } from '@nestjs/common';
import { BrokenCircuitError } from 'cockatiel';
import { AccountCircuit, type Judge } from './account-circuit.js';
import { Circuit, PAUSE_MS } from './circuit.js';
import type { RemovedTenants } from '../util/removed-tenants.js';

/** Fewest calls to judge by, as a part of what the account may send in a second. */
const LEAST_PART = 0.2;
const LEAST_CALLS = 10;

/** The call was not sent, because most calls of its account, or of its tenant alone, fail. */
export class CallsBroken extends Error {
  override readonly name = 'CallsBroken';
  readonly retryAfterSeconds = PAUSE_MS / 1_000;

  constructor(readonly isOfTenant: boolean) {
    super();
  }
}

/** Who learns that calls are stopped or go on. */
export interface BreakerObserver {
  /** Also called with `false` when an account is first used. */
  account(accountId: string, isBroken: boolean): void;
  /** The number of tenants of an account whose calls are stopped. */
  tenants(accountId: string, broken: number): void;
}

/** Whose call it is: a scope. */
export interface Sender {
  readonly account: { readonly id: string };
  readonly tenant: { readonly id: string };
}

/**
 * Stops calling an account of CAMS while most of its calls fail, so that they neither wait for what fails nor keep CAMS from
 * recovering. If only those of one tenant fail, it stops those alone, even if no other tenant calls. Single calls that are tried
 * decide when all go on.
 */
export class CallBreaker<Outcome> {
  readonly #logger = new Logger(CallBreaker.name);
  readonly #accounts = new Map<string, AccountCircuit<Outcome>>();
  readonly #tenants = new Map<string, Map<string, Circuit<Outcome>>>();

  constructor(
    private readonly perSecond: number,
    private readonly judge: Judge<Outcome>,
    private readonly observer: BreakerObserver,
  ) {}

  /** Throws {@link CallsBroken} if a call would not be sent. */
  check(sender: Sender): void {
    if (this.#account(sender).refuses(sender.tenant.id)) throw new CallsBroken(false);
    if (this.#tenant(sender).refuses) throw new CallsBroken(true);
  }

  /**
   * Sends a call and judges by its outcome. `send` learns whether others wait for that. Throws {@link CallsBroken} if it
   * was not sent.
   */
  async run<T extends Outcome>(sender: Sender, send: (isTrial: boolean) => Promise<T>): Promise<T> {
    // The library would queue the call behind one that is tried, and send it late.
    this.check(sender);
    const [account, tenant] = [this.#account(sender), this.#tenant(sender)];
    const isTrial = account.isBroken || !tenant.isClosed;
    const call = async (): Promise<T> => {
      const outcome = await account.run(sender.tenant.id, () => send(isTrial));
      tenant.note(sender.tenant.id, outcome);
      return outcome;
    };
    try {
      return await tenant.execute(call);
    } catch (error) {
      if (!(error instanceof BrokenCircuitError)) throw error;
      tenant.endOverduePause();
      throw new CallsBroken(true);
    }
  }

  /** Calls of theirs that are under way end as usual, and change nothing for those that come back. */
  forget({ accounts, memberships }: RemovedTenants): void {
    for (const id of accounts) {
      this.#accounts.delete(id);
      this.#tenants.delete(id);
    }
    const changed = new Set<string>();
    for (const { account, tenant } of memberships) {
      this.#accounts.get(account)?.forgetTenant(tenant);
      if (this.#tenants.get(account)?.delete(tenant)) changed.add(account);
    }
    for (const account of changed) this.#tellTenants(account);
  }

  #account({ account: { id } }: Sender): AccountCircuit<Outcome> {
    let circuit = this.#accounts.get(id);
    if (circuit === undefined) {
      const onChange = (isBroken: boolean): void => {
        if (this.#accounts.get(id) !== circuit) return;
        this.observer.account(id, isBroken);
        if (isBroken)
          this.#logger.warn({
            msg: 'most calls to CAMS fail: trying one a second for each tenant',
            account: id,
          });
        else this.#logger.log({ msg: 'CAMS works again', account: id });
      };
      circuit = new AccountCircuit({ ...this.#options, onChange });
      this.#accounts.set(id, circuit);
      this.observer.account(id, false);
    }
    return circuit;
  }

  #tenant(sender: Sender): Circuit<Outcome> {
    const account = sender.account.id;
    const tenant = sender.tenant.id;
    const tenants = this.#tenantsOf(account);
    const known = tenants.get(tenant);
    if (known !== undefined) return known;
    const onChange = (isBroken: boolean): void => {
      if (this.#tenants.get(account)?.get(tenant) !== circuit) return;
      this.#tellTenants(account);
      // The line of the account says it already.
      if (this.#account(sender).isBroken) return;
      if (isBroken)
        this.#logger.warn({
          msg: 'most calls to CAMS for one tenant fail: trying one a second',
          account,
          tenant,
        });
      else this.#logger.log({ msg: 'CAMS works again for the tenant', account, tenant });
    };
    const circuit = new Circuit({ ...this.#options, onChange });
    tenants.set(tenant, circuit);
    this.#tellTenants(account);
    return circuit;
  }

  #tellTenants(account: string): void {
    const circuits = [...this.#tenantsOf(account).values()];
    this.observer.tenants(account, circuits.filter(({ isBroken }) => isBroken).length);
  }

  #tenantsOf(accountId: string): Map<string, Circuit<Outcome>> {
    const tenants = this.#tenants.get(accountId) ?? new Map<string, Circuit<Outcome>>();
    this.#tenants.set(accountId, tenants);
    return tenants;
  }

  get #options(): Judge<Outcome> & { leastCalls: number } {
    const leastCalls = Math.max(LEAST_CALLS, this.perSecond * LEAST_PART);
    return { ...this.judge, leastCalls };
  }
}
