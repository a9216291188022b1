import { Logger } from '@nestjs/common';
import { BrokenCircuitError } from 'cockatiel';
import { Circuit, PAUSE_MS } from './circuit.js';

/** Fewest calls to judge by, as a part of what the account may send in a second. */
const LEAST_PART = 0.2;
const LEAST_CALLS = 10;

/** The call was not sent, because most calls of its account or tenant fail. */
export class CallsBroken extends Error {
  override readonly name = 'CallsBroken';
  readonly retryAfterSeconds = PAUSE_MS / 1_000;
}

/** Whose call it is: a scope. */
export interface Sender {
  readonly account: { readonly id: string };
  readonly tenant: { readonly id: string };
}

/**
 * Stops calling an account of CAMS while most of its calls fail, so that they neither wait for what fails nor keep CAMS from
 * recovering. If only those of one tenant fail, it stops those alone. After a second, a single call decides whether all go on.
 */
export class CallBreaker<Outcome> {
  readonly #logger = new Logger(CallBreaker.name);
  /** Limited by the tenants file, as those of tenants are. */
  readonly #accounts = new Map<string, Circuit<Outcome>>();
  readonly #tenants = new Map<string, Circuit<Outcome>>();

  /** `isFailure` tells failures of CAMS from refusals, which never stop anything. `onChange` is called with `false` when an account is first used. */
  constructor(
    private readonly perSecond: number,
    private readonly isFailure: (outcome: Outcome) => boolean,
    private readonly onChange: (accountId: string, isBroken: boolean) => void,
  ) {}

  /** Throws {@link CallsBroken} if a call would not be sent. */
  check(sender: Sender): void {
    if (this.#account(sender).refuses || this.#tenant(sender).refuses) throw new CallsBroken();
  }

  /**
   * Sends a call and judges by its outcome. `send` learns whether all others wait for that. Throws {@link CallsBroken} if it
   * was not sent.
   */
  async run<T extends Outcome>(sender: Sender, send: (isProbe: boolean) => Promise<T>): Promise<T> {
    // The library would let a call wait for the outcome of another, and then send it, however late.
    this.check(sender);
    const [account, tenant] = [this.#account(sender), this.#tenant(sender)];
    const isProbe = !account.isClosed || !tenant.isClosed;
    const call = async (): Promise<T> => {
      const outcome = await send(isProbe);
      for (const circuit of [account, tenant]) circuit.note(sender.tenant.id, outcome);
      return outcome;
    };
    try {
      return await tenant.execute(() => account.execute(call));
    } catch (error) {
      if (!(error instanceof BrokenCircuitError)) throw error;
      for (const circuit of [account, tenant]) circuit.endOverduePause();
      throw new CallsBroken();
    }
  }

  #account({ account: { id } }: Sender): Circuit<Outcome> {
    let circuit = this.#accounts.get(id);
    if (circuit === undefined) {
      circuit = this.#circuit((isBroken) => {
        this.onChange(id, isBroken);
        if (isBroken) this.#logger.warn({ msg: 'most calls to CAMS fail: trying one a second', account: id });
        else this.#logger.log({ msg: 'CAMS works again', account: id });
      });
      this.#accounts.set(id, circuit);
      this.onChange(id, false);
    }
    return circuit;
  }

  #tenant(sender: Sender): Circuit<Outcome> {
    const account = sender.account.id;
    const tenant = sender.tenant.id;
    const id = `${account} ${tenant}`;
    let circuit = this.#tenants.get(id);
    if (circuit === undefined) {
      circuit = this.#circuit((isBroken) => {
        // The line of the account says it already.
        if (this.#account(sender).isBroken) return;
        if (isBroken)
          this.#logger.warn({
            msg: 'most calls to CAMS for one tenant fail: trying one a second',
            account,
            tenant,
          });
        else this.#logger.log({ msg: 'CAMS works again for the tenant', account, tenant });
      });
      this.#tenants.set(id, circuit);
    }
    return circuit;
  }

  #circuit(onChange: (isBroken: boolean) => void): Circuit<Outcome> {
    const leastCalls = Math.max(LEAST_CALLS, this.perSecond * LEAST_PART);
    return new Circuit({ leastCalls, isFailure: this.isFailure, onChange });
  }
}
