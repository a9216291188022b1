import { ACME, GLOBEX, type TestGateway } from './gateway.js';
import { CATALOGUE, type Ending, type FaultCase } from './fault-cases.js';
import { MEMBER, type OperationCase, type Outcome, type Transport } from './operations.js';

/** How often a call reached the upstream. */
const TIMES = ['never', 'once', 'twice'];

/** Describes how an operation ended, in the same words for both transports. */
export function endingOf(transport: Transport, one: OperationCase, outcome: Outcome, calls: number): string {
  const { answer, error } = outcome;
  const ending = error === undefined ? success(transport, one, outcome) : failure(transport, outcome);
  const expectedStatus = transport === 'GraphQL' ? 200 : (error?.status ?? one.restStatus);
  const status = answer.status === expectedStatus ? '' : `, but HTTP ${answer.status}`;
  return `${ending}${status}, sent ${TIMES[calls] ?? calls}`;
}

/** Describes the expected ending in the same words. */
export function expectedEnding(transport: Transport, one: OperationCase, fault: FaultCase): string {
  const ending: Ending =
    fault.except?.[one.name] ?? (one.name === 'create a group' ? fault.create : fault[one.kind]);
  const sent = one.kind === 'read' && fault.retried === true ? 'twice' : 'once';
  if (ending === 'accepted') return `done${transport === 'REST' ? ', but HTTP 202' : ''}, sent ${sent}`;
  if (ending === 'done' || ending === 'found') return `${ending}, sent ${sent}`;
  const { upstreamCode } = fault;
  const answered = upstreamCode !== undefined || fault.fault.kind === 'short-page';
  return `${ending} ${CATALOGUE[ending]}${called(upstreamCode, answered)}, sent ${sent}`;
}

/** Returns the secrets that an error response leaks, in its body or headers. */
export function leaksOf({ answer, error }: Outcome, { sandbox }: TestGateway): string[] {
  if (error === undefined) return [];
  const told = `${answer.text}\n${JSON.stringify([...answer.headers])}`;
  const numbers = [MEMBER, ACME.businessNumber, GLOBEX.businessNumber];
  const secrets = ['sandbox-secret', 'AccessKeyId=', 'Signature=', 'c2VjcmV0'];
  const places = [new URL(sandbox.url).host, '10.9.8.7', 'http:', 'node_modules', '.ts:', '.js:'];
  return [...numbers, ...secrets, ...places].filter((secret) => told.includes(secret));
}

function success(transport: Transport, one: OperationCase, { answer, data }: Outcome): string {
  if (one.kind === 'read') return 'done';
  const coherence = transport === 'REST' ? answer.headers.get('coherence') : data.coherence.toLowerCase();
  return coherence === 'bounded' ? 'found' : 'done';
}

function failure(transport: Transport, { answer, error }: Outcome): string {
  const { code, status, retryable, upstreamCode, upstreamRequestId } = error;
  const detail = String(transport === 'REST' ? error.detail : answer.body.errors[0].message);
  const missing = [
    code === 'UPSTREAM_THROTTLED' && transport === 'REST' && !Number(answer.headers.get('retry-after'))
      ? 'without Retry-After'
      : '',
    code === 'OUTCOME_UNKNOWN' && !/\b(Read the|List the|Poll operation \S+ for)\b/.test(detail)
      ? 'without saying how to find the outcome'
      : '',
    code === 'UPSTREAM_NOT_ALLOWED' && !/operator/.test(detail) ? 'without saying what to do' : '',
  ].filter((what) => what !== '');
  const ending = `${code} ${status}${retryable === true ? ' retryable' : ''}`;
  return [ending + called(upstreamCode, upstreamRequestId !== undefined), ...missing].join(' ');
}

/** Describes the upstream's error code and whether its request ID is present. */
function called(upstreamCode: string | undefined, identified: boolean): string {
  return `${upstreamCode === undefined ? '' : ` (${upstreamCode})`}${identified ? ' by its id' : ''}`;
}
