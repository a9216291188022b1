import { weighted } from '../chance.js';
import { Random } from '../coherence/random.js';
import type { Canaries } from './checks/canaries.js';
import type { Findings } from './checks/findings.js';
import type { LogLines } from './checks/log-lines.js';
import { judge } from './checks/response-checks.js';
import type { FuzzRequest } from './requests/draft.js';
import type { Generator } from './requests/generator.js';
import type { KnownValues } from './requests/known-values.js';
import { RESPONSE_MS } from './settings.js';
import type { StageGateway } from './stage.js';
import type { Tally } from './tally.js';
import type { NoResponse } from './wire/connection.js';
import type { WireResponse } from './wire/response-parser.js';
import { Sender } from './wire/sender.js';

/** What all clients share. */
export interface Shared {
  readonly generator: Generator;
  readonly knownValues: KnownValues;
  readonly canaries: Canaries;
  readonly findings: Findings;
  readonly logs: LogLines;
  readonly tally: Tally;
  /** Returns the number of the next request. */
  readonly next: () => number;
  readonly phase: () => string;
}

const LEARN_ONCE_IN = 4;
const LEARNT_BODY = 40_000;

/** Sends generated requests one after the other, sometimes pipelined, to one gateway. */
export class Client {
  readonly #sender: Sender;

  constructor(
    private readonly gateway: StageGateway,
    private readonly shared: Shared,
  ) {
    this.#sender = new Sender(gateway.url, RESPONSE_MS);
  }

  async runUntil(over: () => boolean): Promise<void> {
    while (!over()) {
      const first = this.shared.next();
      const random = new Random(first);
      const count = weighted(random, [
        [8, 1],
        [1, 2],
        [1, 5],
      ] as const);
      const more = Array.from({ length: count - 1 }, () => this.shared.next());
      const requests = [first, ...more].map((index) => this.shared.generator.request(index));
      const ordinary = requests.filter(({ wire }) => this.#sender.isOrdinary(wire));
      const outcomes = await this.#sender.pipeline(ordinary.map(({ wire }) => wire));
      for (const [index, request] of ordinary.entries()) this.#take(request, outcomes[index] ?? 'closed');
      for (const request of requests) if (!ordinary.includes(request)) await this.#special(request, random);
    }
  }

  close(): void {
    this.#sender.close();
  }

  async #special(request: FuzzRequest, random: Random): Promise<void> {
    const { wire, callerId } = request;
    const { ending } = wire;
    if (ending !== 'aborted' && ending !== 'reset')
      return this.#take(request, await this.#sender.alone(wire));
    const { tally, logs } = this.shared;
    await this.#sender.leave(wire, random.between(20, 120));
    tally.sent(request, ending);
    // After a reset, the server may not have read the request.
    if (ending === 'aborted' && !isOddHead(request))
      logs.expectOfCaller(callerId, { request, gateway: this.gateway.name, what: 'aborted request' });
  }

  #take(request: FuzzRequest, outcome: WireResponse | NoResponse): void {
    const { findings, logs, tally, canaries, knownValues, phase } = this.shared;
    const where = { phase: phase(), gateway: this.gateway.name, request };
    if (typeof outcome === 'string') {
      tally.sent(request, outcome);
      const { method, ending } = request.wire;
      if (outcome === 'dropped' || (ending === 'truncated' && outcome === 'closed')) return;
      const kind = `${outcome}: ${method} ${/^(GET|POST|PATCH|DELETE)$/.test(method) ? request.operation : ''}`;
      findings.add({ property: 'a response to every request', kind, detail: outcome }, where);
      return;
    }
    tally.sent(request, outcome.status);
    for (const breach of judge(request, outcome, canaries)) findings.add(breach, where);
    const { headers, status, body } = outcome;
    const id = headers['x-request-id'];
    if (id !== undefined)
      logs.expect(id, { request, gateway: this.gateway.name, what: whatIs(request, status, body) });
    const { owner, index } = request;
    if (owner && status < 300 && index % LEARN_ONCE_IN === 0 && body.length < LEARNT_BODY)
      knownValues.learn(owner, headers['etag'], body.toString());
  }
}

/** Names a response so that those of the same kind have the same name. */
function whatIs({ transport }: FuzzRequest, status: number, body: Buffer): string {
  const detail =
    status >= 400 ? /"(?:detail|message)":"([^".:]{0,50})/.exec(body.toString())?.[1] : undefined;
  return detail === undefined ? `${transport} ${status}` : `${status} ${detail}`;
}

/** Whether the server may refuse the head before it has read all of it. */
function isOddHead({ wire }: FuzzRequest): boolean {
  return (
    wire.framing === 'none' ||
    !/^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/.test(wire.method) ||
    !/^\/[!-~]{0,8000}$/.test(wire.target) ||
    wire.headers.some(([name, value]) => name.length + value.length > 8_000 || !/^[\t -~]*$/.test(value)) ||
    // Duplicates make the ID of the caller invalid.
    wire.headers.filter(([name]) => name.toLowerCase() === 'x-request-id').length !== 1
  );
}
