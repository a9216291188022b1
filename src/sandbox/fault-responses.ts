import type { CamsAction } from '../cams/wire.js';
import {
  answer,
  gatewayHeaders,
  htmlPage,
  JSON_TYPE,
  success,
  type Envelope,
  type Reply,
} from './responses.js';
import type { Fault, FaultKind } from './faults.js';
import { Refusal } from './refusal.js';
import { isRecord } from '../util/is-record.js';
import { parseJson } from '../util/parse-json.js';

interface FaultBehaviour {
  /** Whether the operation is executed before the fault is injected. */
  readonly applies: boolean;
  /** Returns the faulty reply. May throw a {@link Refusal}. */
  readonly reply: (fault: Fault, envelope: Envelope) => Reply;
}

/** Kinds that affect more than the reply; the caller of {@link faultResponse} handles them. */
type TimingKind = 'latency' | 'late-apply' | 'fails-later' | 'throttle';

const FAULT_BEHAVIOURS: Readonly<Record<Exclude<FaultKind, TimingKind>, FaultBehaviour>> = {
  http500: {
    applies: false,
    reply(fault) {
      throw new Refusal(
        fault.code ?? 'InternalError',
        fault.message ?? 'The request processing has failed.',
        500,
      );
    },
  },
  html502: { applies: false, reply: () => htmlPage(502, 'Bad Gateway') },
  reset: { applies: false, reply: () => 'reset' },
  'reset-after-apply': { applies: true, reply: () => 'reset' },
  hang: { applies: false, reply: () => 'hang' },
  'hang-after-apply': { applies: true, reply: () => 'hang' },
  reject: {
    applies: false,
    reply(fault) {
      const message = fault.message ?? 'The request was rejected by a sandbox fault.';
      throw new Refusal(fault.code ?? 'InvalidParameter.Rejected', message, fault.status);
    },
  },
  'ok-success-false': { applies: true, reply: (_, envelope) => answer({ ...envelope, Success: false }) },
  'empty-body': { applies: true, reply: (_, envelope) => ({ ...answer(envelope), body: '' }) },
  malformed: {
    applies: true,
    reply(_, envelope) {
      const whole = answer(envelope);
      return { ...whole, body: whole.body.slice(0, whole.body.length / 2) };
    },
  },
  'short-page': { applies: true, reply: (_, envelope) => answer(shorten(envelope)) },
  raw: {
    applies: false,
    reply({ status = 200, body = '', code = '' }, { RequestId = '' }) {
      const given = parseJson(body);
      const requestId = isRecord(given) ? given['RequestId'] : undefined;
      const headers = gatewayHeaders(typeof requestId === 'string' ? requestId : RequestId);
      return { status, contentType: JSON_TYPE, headers, body, code };
    },
  },
};

/** Executes the operation if the fault calls for it and returns the faulty reply. Throws a {@link Refusal}. */
export function faultResponse(
  kind: Exclude<FaultKind, TimingKind>,
  fault: Fault,
  action: CamsAction,
  execute: () => Envelope,
): Reply {
  const habit = FAULT_BEHAVIOURS[kind];
  return habit.reply(fault, (fault.apply ?? habit.applies) ? execute() : success(action, {}));
}

/** Drops half of the rows but keeps `Total`. */
function shorten(envelope: Envelope): Envelope {
  const data = envelope['Data'];
  if (!isRecord(data) || !Array.isArray(data['List'])) return envelope;
  return { ...envelope, Data: { ...data, List: data['List'].slice(0, Math.floor(data['List'].length / 2)) } };
}
