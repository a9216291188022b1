import { type KeyedOutcome, askWithKey, withContent, writeNamed } from '../support/keyed-writes.js';
import type { Json, TestGateway } from '../support/gateway.js';
import type { OperationCase, Transport } from '../support/operations.js';
import type { RecordedWrite } from './recording.js';

export const CLOSE = 'close an operation';

/** Sends a recorded request, over its own transport unless `transport` is given. */
export function sendRecorded(
  gateway: TestGateway,
  recorded: Omit<RecordedWrite, 'expected'>,
  transport: Transport = recorded.transport,
): Promise<KeyedOutcome> {
  const { name, target, headers = {} } = recorded;
  return askWithKey(gateway, transport, caseOf(recorded), target, name.replaceAll(' ', '-'), { headers });
}

/** Returns what a response tells that no later release may change: status, and the data or the code of the error. */
export function stableOutcome({ answer, data, error }: KeyedOutcome): Json {
  const of = (fields: Json): Json =>
    fields && JSON.parse(JSON.stringify(fields, (name, value) => (UNSTABLE.has(name) ? undefined : value)));
  return {
    status: answer.status,
    ...(error ? { code: error.code, retryable: error.retryable } : data && { data: of(data) }),
  };
}

/** Fields of a response that belong to the request, or that change with every new field of a group. */
const UNSTABLE: ReadonlySet<string> = new Set([
  'requestId',
  'coherence',
  'etag',
  'attempts',
  'expiresAt',
  'createdAt',
]);

function caseOf({ write, content, operationId = '' }: Omit<RecordedWrite, 'expected'>): OperationCase {
  if (write === CLOSE) return closing(operationId);
  const one = writeNamed(write);
  return content ? withContent(one, content) : one;
}

function closing(id: string): OperationCase {
  return {
    name: CLOSE,
    kind: 'write',
    ofGroup: false,
    permission: 'groups:write',
    action: 'none',
    rest: () => ({ method: 'POST', path: `/v1/operations/${id}/close` }),
    restStatus: 200,
    graphql: () => ({
      query: `mutation ($input: CloseChatGroupOperationInput!) {
        closeChatGroupOperation(input: $input) { operation { id status subject } }
      }`,
      variables: { input: { id } },
    }),
    field: 'closeChatGroupOperation',
  };
}
