import { Logger } from '@nestjs/common';
import type { ErrorCode } from '../errors/catalogue.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { Call } from './call.js';
import type { CamsFailure } from './cams-failure.js';
import { cleanAccessDeniedDetail, cleanCode, cleanMessage } from './clean-message.js';
import { upstreamCodeOf } from './refusal-meaning.js';
import type { CamsSuccess } from './send-signed.js';
import { CAMS_OPERATIONS } from './api.js';
import type { CamsAction } from './wire.js';
import { isRecord } from '../util/is-record.js';

/**
 * Logs and metrics of calls: the class of the fault, codes and IDs. Never a message of the vendor's client, which
 * contains the whole URL, and never the value of a field. The message of CAMS is cleaned.
 */
export class CallTelemetry {
  readonly #logger = new Logger('CamsClient');
  readonly #metrics: Metrics;
  readonly #contradicting = new Set<CamsAction>();

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
    for (const { action } of Object.values(CAMS_OPERATIONS)) {
      metrics.camsContradictions.inc({ action }, 0);
      metrics.camsUnusableRows.inc({ action }, 0);
    }
  }

  /** Logs and counts responses whose `Success` contradicts their `Code`. `Code` decides. */
  contradiction(action: CamsAction, answer: CamsSuccess | CamsFailure): void {
    if (answer.kind !== 'success' && answer.kind !== 'refused') return;
    const { claimsSuccess, requestId } = answer;
    if (typeof claimsSuccess !== 'boolean' || claimsSuccess === (answer.kind === 'success')) return;
    this.#metrics.camsContradictions.inc({ action });
    // The vendor's own samples do this: if every response does, it must not flood the log.
    if (this.#contradicting.has(action)) return;
    this.#contradicting.add(action);
    this.#logger.warn({
      msg: 'Code and Success in a CAMS response contradict each other; further ones for this action are only counted',
      action,
      upstreamRequestId: requestId,
    });
  }

  /** Logs and counts rows that could not be read and are left out of a list. */
  unusableRows(action: CamsAction, result: unknown, requestId: string | undefined): void {
    const rows = isRecord(result) ? result['unusable'] : undefined;
    if (typeof rows !== 'number' || rows === 0) return;
    this.#metrics.camsUnusableRows.inc({ action }, rows);
    this.#logger.warn({
      msg: 'CAMS listed members without a usable ID; they are left out',
      action,
      rows,
      upstreamRequestId: requestId,
    });
  }

  inPart(action: CamsAction, upstreamCode: string, requestId: string | undefined): void {
    this.#logger.warn({
      msg: 'WhatsApp executed a write only in part',
      action,
      upstreamCode,
      upstreamRequestId: requestId,
    });
  }

  ended(action: CamsAction, tookMs: number, outcome: 'ok' | 'abandoned' | ErrorCode): void {
    this.#metrics.camsCalls.observe({ action, outcome }, tookMs / 1_000);
  }

  failure(
    { operation: { action }, scope }: Pick<Call<unknown>, 'operation' | 'scope'>,
    failure: CamsFailure,
    outcome: ErrorCode,
  ): void {
    if (failure.kind === 'short-page') this.#metrics.camsShortPages.inc();
    const caller = { account: scope.account.id, tenant: scope.tenant.id };
    this.#logger.warn({ msg: 'a call to CAMS failed', action, ...caller, outcome, ...facts(failure) });
  }
}

/** Returns the fields of a failure that may be logged. Each is listed explicitly. */
function facts(failure: CamsFailure): Record<string, unknown> {
  const { kind } = failure;
  switch (kind) {
    case 'refused':
      return {
        fault: kind,
        status: failure.status,
        upstreamCode: upstreamCodeOf(failure),
        // Cleaned of numbers, accounts and links. Callers see it only if it is about what they sent.
        upstreamMessage: cleanMessage(failure.message),
        ...accessDenied(failure.accessDeniedDetail),
        upstreamRequestId: failure.requestId,
      };
    case 'broken':
      return {
        fault: kind,
        what: failure.what,
        status: failure.status,
        upstreamRequestId: failure.requestId,
      };
    case 'short-page':
      return { fault: kind, upstreamRequestId: failure.requestId };
    case 'timeout':
      return { fault: kind, sent: failure.sent };
    case 'lost':
      break;
  }
  return { fault: kind, sent: failure.sent, errorCode: cleanCode(failure.errorCode) };
}

/** Which permission is missing, for the operator. */
function accessDenied(detail: unknown): { accessDeniedDetail?: string } {
  const text = cleanAccessDeniedDetail(detail);
  return text === undefined ? {} : { accessDeniedDetail: text };
}
