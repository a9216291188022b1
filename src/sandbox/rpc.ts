import type { SandboxAccount } from './account.js';
import { answer, refused, success, type Envelope, type Reply } from './responses.js';
import { authenticate } from './authentication.js';
import type { CallLog, LoggedCall } from './call-log.js';
import { claimsAcs3 } from './claims-acs3.js';
import { claimsV1 } from './claims-v1.js';
import type { Faults } from './faults.js';
import { Nonces } from './nonces.js';
import { isAction, OPERATIONS } from './operations.js';
import { parseJson } from '../util/parse-json.js';
import { Refusal } from './refusal.js';
import { faultResponse } from './fault-responses.js';
import { checkRequired, type Parameters } from './parameters.js';
import { readCall, type ReceivedCall, type ReceivedRequest } from './received-call.js';
import { Throttle } from './throttle.js';
import type { Timers } from './timers.js';
import { executeUndoably } from './undo.js';
import { asXml } from './xml.js';

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
    const call = readCall(request);
    const { action, parameters } = call;
    const log = this.calls.start({
      action,
      parameters: forLog(parameters),
      query: request.query,
      at: new Date(startedAt).toISOString(),
    });
    let reply: Reply;
    try {
      reply = await this.#pass(call, log);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (log.outcome === 'pending') log.outcome = 'rejected';
      reply = refused(error, action, request.headers.get('host') ?? '');
    }
    log.code = typeof reply === 'string' ? null : reply.code;
    log.durationMs = this.account.clock() - startedAt;
    const isGiven = log.outcome === 'fault:raw';
    return typeof reply === 'string' || call.format === 'JSON' || isGiven ? reply : asXml(reply, action);
  }

  async #pass(call: ReceivedCall, log: LoggedCall): Promise<Reply> {
    const { action, parameters, version } = call;
    const claims = call.protocol === 'V1' ? claimsV1(call) : claimsAcs3(call.request);
    const { isTokenExpired } = this.account;
    authenticate(claims, { nonces: this.#nonces, isTokenExpired }, this.account.protocolTime);
    if (action === '') throw new Refusal('MissingAction', 'Action is mandatory.');
    if (version === '') throw new Refusal('MissingVersion', 'Version is mandatory.');
    if (version !== VERSION || !isAction(action)) {
      throw new Refusal(
        'InvalidApi.NotFound',
        'Specified api is not found, please check your url and method.',
      );
    }
    this.#throttle.admit(this.account.clock(), this.account.behaviour.qps);
    const execute = (): Envelope => {
      checkRequired(action, parameters);
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
        void this.#later(fault.ms, execute);
        return 'reset';
      case 'fails-later': {
        const { result, undo } = executeUndoably(action, parameters, this.account, fault, execute);
        void this.#later(fault.ms, undo);
        return answer(result);
      }
      default:
        return faultResponse(fault.kind, fault, action, execute);
    }
  }

  async #later(ms = 0, execute: () => unknown): Promise<void> {
    if (!(await this.timers.wait(ms))) return;
    try {
      execute();
    } catch (error) {
      // The connection is gone, so the rejection cannot be returned.
      if (!(error instanceof Refusal)) throw error;
    }
  }
}

function forLog(parameters: Parameters): Record<string, unknown> {
  return Object.fromEntries(
    Array.from(parameters, ([name, text]) => [
      name,
      name === 'Page' || name === 'List' ? (parseJson(text) ?? text) : text,
    ]),
  );
}
