import type { SandboxAccount } from './account.js';
import { answer, refused, success, type Envelope, type Reply } from './responses.js';
import { authenticate, type ReceivedRequest } from './authentication.js';
import type { CallLog, LoggedCall } from './call-log.js';
import type { Faults } from './faults.js';
import { Nonces } from './nonces.js';
import { isAction, OPERATIONS } from './operations.js';
import { parseJson } from '../util/parse-json.js';
import { Refusal } from './refusal.js';
import { decodeQuery } from './signature.js';
import { faultResponse } from './fault-responses.js';
import { Throttle } from './throttle.js';
import type { Timers } from './timers.js';

const VERSION = '2020-06-06';

/** The RPC interface of the upstream: authentication, action, flow control, faults, operation. */
export class Rpc {
  readonly #nonces = new Nonces();
  readonly #throttle = new Throttle();

  constructor(
    private readonly account: SandboxAccount,
    private readonly faults: Faults,
    private readonly calls: CallLog,
    private readonly timers: Timers,
  ) {}

  async handle(request: ReceivedRequest): Promise<Reply> {
    const startedAt = this.account.clock();
    const action = request.headers.get('x-acs-action') ?? '';
    const parameters = readParameters(request.query);
    const log = this.calls.start({
      action,
      parameters: forLog(parameters),
      query: request.query,
      at: new Date(startedAt).toISOString(),
    });
    let reply: Reply;
    try {
      reply = await this.#pass(request, log, parameters);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (log.outcome === 'pending') log.outcome = 'rejected';
      reply = refused(error, action, request.headers.get('host') ?? '');
    }
    log.code = typeof reply === 'string' ? null : reply.code;
    log.durationMs = this.account.clock() - startedAt;
    return reply;
  }

  async #pass(request: ReceivedRequest, log: LoggedCall, parameters: Map<string, string>): Promise<Reply> {
    authenticate(request, this.#nonces, this.account.clock());
    const { action } = log;
    if (action === '') throw new Refusal('MissingAction', 'Action is mandatory.');
    if (request.headers.get('x-acs-version') !== VERSION || !isAction(action)) {
      throw new Refusal(
        'InvalidApi.NotFound',
        'Specified api is not found, please check your url and method.',
      );
    }
    this.#throttle.admit(this.account.clock(), this.account.behaviour.qps);
    const execute = (): Envelope => {
      const fields = OPERATIONS[action](parameters, this.account);
      log.applied = true;
      return success(action, fields);
    };
    const { latencyMs, fault } = this.faults.take(action);
    if (fault !== undefined) log.outcome = `fault:${fault.kind}`;
    if (latencyMs > 0 && !(await this.timers.wait(latencyMs))) return 'reset';
    if (fault === undefined) {
      const envelope = execute();
      log.outcome = latencyMs > 0 ? 'fault:latency' : 'ok';
      return answer(envelope);
    }
    switch (fault.kind) {
      case 'throttle':
        throw this.#throttle.refusal(fault.ms ?? 1_000);
      case 'late-apply':
        void this.#executeLater(fault.ms ?? 0, execute);
        return 'reset';
      default:
        return faultResponse(fault.kind, fault, action, execute);
    }
  }

  async #executeLater(ms: number, execute: () => Envelope): Promise<void> {
    if (!(await this.timers.wait(ms))) return;
    try {
      execute();
    } catch (error) {
      // The connection is gone, so the rejection cannot be returned.
      if (!(error instanceof Refusal)) throw error;
    }
  }
}

function readParameters(query: string): Map<string, string> {
  try {
    return new Map(decodeQuery(query));
  } catch (error) {
    // Authentication rejects it later with the vendor's code.
    if (error instanceof URIError) return new Map();
    throw error;
  }
}

function forLog(parameters: Map<string, string>): Record<string, unknown> {
  return Object.fromEntries(
    Array.from(parameters, ([name, text]) => [
      name,
      name === 'Page' || name === 'List' ? (parseJson(text) ?? text) : text,
    ]),
  );
}
