import { MEMBER } from './operations.js';
import type { Fault } from './sandbox-control.js';

/**
 * How an operation ends. `found`: a create operation whose response was lost, but whose group was found. `accepted`: done,
 * but CAMS does not show it yet (202).
 */
export type Ending = 'done' | 'found' | 'accepted' | FaultCode;

/** Error codes that an upstream fault can cause. */
export type FaultCode = keyof typeof CATALOGUE;

/** Status and retryability per code. Source: the errors table of the contract, copied by hand. */
export const CATALOGUE = {
  UPSTREAM_REJECTED: '422',
  UPSTREAM_NOT_ALLOWED: '502',
  UPSTREAM_THROTTLED: '503 retryable',
  UPSTREAM_UNAVAILABLE: '502 retryable',
  UPSTREAM_TIMEOUT: '504 retryable',
  OUTCOME_UNKNOWN: '504',
} as const;

export interface FaultCase {
  readonly what: string;
  readonly fault: Fault;
  readonly read: Ending;
  readonly write: Ending;
  readonly create: Ending;
  /** Operations that end differently, by name. */
  readonly except?: Readonly<Record<string, Ending>>;
  /** The upstream's error code. */
  readonly upstreamCode?: string;
  /** Whether a read is retried. */
  readonly retried?: boolean;
}

/** Deadline of one upstream call in the gateway under test. */
export const DEADLINE_MS = 1_500;
const WITHIN_DEADLINE_MS = 20;
const BEYOND_DEADLINE_MS = 60_000;

/** An upstream message that must not reach a caller. */
const TALKATIVE = `${MEMBER} is not known, see http://10.9.8.7/?AccessKeyId=sandbox&Signature=c2VjcmV0`;

const done = { read: 'done', write: 'done', create: 'done' } as const;
const rejected = {
  read: 'UPSTREAM_REJECTED',
  write: 'UPSTREAM_REJECTED',
  create: 'UPSTREAM_REJECTED',
} as const;
const notAllowed = {
  read: 'UPSTREAM_NOT_ALLOWED',
  write: 'UPSTREAM_NOT_ALLOWED',
  create: 'UPSTREAM_NOT_ALLOWED',
} as const;
const throttled = {
  read: 'UPSTREAM_THROTTLED',
  write: 'UPSTREAM_THROTTLED',
  create: 'UPSTREAM_THROTTLED',
} as const;
/** Sent and perhaps executed: the outcome is unknown. */
const lost = {
  read: 'UPSTREAM_UNAVAILABLE',
  write: 'OUTCOME_UNKNOWN',
  create: 'OUTCOME_UNKNOWN',
} as const;
const late = { ...lost, read: 'UPSTREAM_TIMEOUT' } as const;
/** As above, but the upstream executed it, and the new group confirms that. */
const found = { create: 'found' } as const;

function refusal(
  code: string,
  endings: Pick<FaultCase, 'read' | 'write' | 'create'>,
  status?: number,
): FaultCase {
  return {
    what: `refused with ${code}${status === undefined ? '' : ` and ${status}`}`,
    fault: { kind: 'reject', code, message: TALKATIVE, ...(status !== undefined && { status }) },
    upstreamCode: code,
    ...endings,
  };
}

function raw(what: string, body: string, more: Partial<Fault> = {}): FaultCase {
  return { what: `answered with ${what}`, fault: { kind: 'raw', body, ...more }, ...lost };
}

/** Every fault of the sandbox, and how each operation ends when it occurs. */
export const FAULTS: readonly FaultCase[] = [
  { what: 'slow', fault: { kind: 'latency', ms: WITHIN_DEADLINE_MS }, ...done },
  { what: 'slower than the deadline', fault: { kind: 'latency', ms: BEYOND_DEADLINE_MS }, ...late },
  { what: 'never answered', fault: { kind: 'hang' }, ...late },
  { what: 'executed and never answered', fault: { kind: 'hang-after-apply' }, ...late, ...found },
  { what: 'reset', fault: { kind: 'reset' }, ...lost, retried: true },
  { what: 'executed and reset', fault: { kind: 'reset-after-apply' }, ...lost, ...found, retried: true },
  { what: 'reset, then executed', fault: { kind: 'late-apply', ms: 20 }, ...lost, ...found, retried: true },
  { what: 'throttled', fault: { kind: 'throttle' }, ...throttled, upstreamCode: 'Throttling.User' },
  {
    what: 'answered with 500',
    fault: { kind: 'http500' },
    ...lost,
    upstreamCode: 'InternalError',
    retried: true,
  },
  { what: 'answered with an HTML page and 502', fault: { kind: 'html502' }, ...lost, retried: true },
  { what: 'executed, answered with OK and Success: false', fault: { kind: 'ok-success-false' }, ...done },
  { what: 'executed, answered with an empty body', fault: { kind: 'empty-body' }, ...lost, ...found },
  { what: 'executed, answered with a truncated body', fault: { kind: 'malformed' }, ...lost, ...found },
  // Applies only to lists.
  {
    what: 'answered with a short page',
    fault: { kind: 'short-page' },
    ...done,
    read: 'UPSTREAM_UNAVAILABLE',
    // The total of a member list may differ from its rows.
    except: { 'list members': 'done' },
  },
  refusal('InvalidParameter.SubjectInvalid', rejected),
  refusal('MissingSubject', rejected),
  refusal('Unheard.Of', rejected),
  refusal('Unheard.Of', rejected, 400),
  { ...refusal('Unheard.Of', lost, 503), retried: true },
  // The code suggests an internal fault, so a write may have been executed. For a read that makes no difference.
  refusal('Unheard.SystemFault', { ...lost, read: 'UPSTREAM_REJECTED' }),
  { ...refusal('ServiceUnavailable', lost), retried: true },
  refusal('Product.Unsubscript', notAllowed),
  refusal('Ram.PermissionDeny', notAllowed),
  refusal('NoPermission', notAllowed),
  refusal('Authentication.NoAuth', notAllowed),
  refusal('InvalidAccessKeyId.NotFound', notAllowed),
  refusal('SignatureDoesNotMatch', notAllowed),
  // Each call has its own nonce: an earlier copy of it may have been executed.
  refusal('SignatureNonceUsed', { ...lost, read: 'UPSTREAM_NOT_ALLOWED' }),
  refusal('InvalidApi.NotFound', notAllowed),
  refusal('InvalidVersion', notAllowed, 404),
  refusal('131203', notAllowed),
  refusal('131208', throttled),
  refusal('131212', rejected),
  refusal('131026', rejected),
  // WhatsApp executed a part, which is read back. Here nothing was executed.
  {
    ...refusal('131201', { ...lost, create: 'accepted' }),
    except: { 'update a group': 'accepted', 'remove members': 'done' },
  },
  refusal('System.LimitControl', throttled),
  refusal('Throttling.Api', throttled, 429),
  raw('null', 'null'),
  raw('a list', '[]'),
  raw('an object without a code', '{}'),
  raw('a redirect', '{"Code":"OK"}', { status: 302 }),
  { ...raw('OK and an HTTP error', '{"Code":"OK"}', { status: 500 }), retried: true },
  // A create request needs only OK: no response contains the group ID.
  { ...raw('OK alone', '{"Code":"OK"}', { apply: true }), create: 'done' },
];
