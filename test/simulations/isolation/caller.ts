import type { Sender } from '../fuzz/wire/sender.js';
import type { NoResponse } from '../fuzz/wire/connection.js';
import type { WireResponse } from '../fuzz/wire/response-parser.js';
import { asCurl, DEFAULT_HOST, type WireRequest } from '../fuzz/wire/wire-request.js';
import type { Draft } from '../fuzz/requests/draft.js';
import type { RunTenant } from '../tenants.js';
import { fingerprint, firstDifference, isSuccess, isTransient } from './compare.js';
import type { OwnedNames } from './owned-names.js';
import type { Tally } from './tally.js';
import type { Trial } from './trials.js';

const TRIES = 3;

/** Carries out trials of one caller against one gateway. */
export class Caller {
  constructor(
    private readonly tenant: RunTenant,
    private readonly gateway: string,
    private readonly sender: Sender,
    private readonly names: OwnedNames,
    private readonly tally: Tally,
  ) {}

  async carryOut(trial: Trial): Promise<void> {
    const { tally } = this;
    tally.trial(trial.kind, trial.what);
    if (trial.kind !== 'pair') {
      const response = await this.#send(trial.request, trial.what);
      if (trial.kind === 'own' && response && response.status < 300)
        this.names.learn(
          this.tenant,
          response.headers['etag'],
          response.body.toString(),
          `${trial.request.target} ${trial.request.body}`,
        );
      return;
    }
    for (let left = TRIES; left > 0; left -= 1) {
      const foreign = await this.#send(trial.foreign, trial.what);
      const unknown = await this.#send(trial.unknown, trial.what);
      if (!foreign || !unknown || isTransient(foreign) || isTransient(unknown)) continue;
      // A field that the document or the route ignores: both show the caller's own data, which changes.
      if (isSuccess(foreign) && isSuccess(unknown)) return void (tally.ineffective += 1);
      const [one, other] = [fingerprint(foreign), fingerprint(unknown)];
      if (one !== other)
        this.#found('foreign and unknown differ', trial.what, trial.foreign, firstDifference(one, other));
      return;
    }
    tally.undecided += 1;
  }

  async #send(draft: Draft, what: string): Promise<WireResponse | undefined> {
    const wire = this.#wire(draft);
    const outcome = await this.#outcome(wire);
    this.tally.sent(draft, outcome);
    if (typeof outcome === 'string') return undefined;
    const { headers, body } = outcome;
    const canary = this.names.foreignIn(this.tenant, `${JSON.stringify(headers)}\n${body.toString()}`);
    if (canary !== undefined)
      this.#found('a name of another tenant', what, draft, `${canary}: ${body.toString().slice(0, 300)}`);
    return outcome;
  }

  /** Sends again what was sent after the last response of a connection. */
  async #outcome(wire: WireRequest): Promise<WireResponse | NoResponse> {
    const [outcome = 'closed'] = await this.sender.pipeline([wire]);
    return outcome === 'dropped' ? this.sender.alone(wire) : outcome;
  }

  #wire({ method, target, headers, body }: Draft): WireRequest {
    return {
      method,
      target,
      headers: [
        ['Host', DEFAULT_HOST],
        ['Authorization', `Bearer ${this.tenant.apiKey}`],
        ...headers,
        ...(body === undefined ? [] : [['Content-Type', 'application/json'] as const]),
      ],
      ...(body !== undefined && { body: Buffer.from(body) }),
    };
  }

  #found(property: string, what: string, draft: Draft, detail: string): void {
    const request = asCurl(this.#wire(draft));
    this.tally.found(`${property}: ${draft.transport} ${draft.operation}, ${what}`, {
      caller: this.tenant.id,
      gateway: this.gateway,
      detail,
      request,
    });
  }
}
