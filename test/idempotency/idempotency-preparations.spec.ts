import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type TestGateway } from '../support/gateway.js';
import { useKeyedGateway } from '../support/keyed-gateway.js';
import {
  type Arranged,
  type KeyedOutcome,
  WRITES,
  askWithKey,
  isDone,
  newKey,
  onceSettled,
  sentWrites,
  writeNamed,
} from '../support/keyed-writes.js';
import { TRANSPORTS } from '../support/operations.js';
import type { TcpProxy } from '../support/tcp-proxy.js';

let proxy: TcpProxy;
let gateway: TestGateway;
let target: Arranged;

useKeyedGateway(
  ({ proxied }) => ({
    STATE_REDIS_URL: proxied,
    REQUEST_BUDGET_MS: '3000',
    CAMS_TIMEOUT_MS: '1000',
    CAMS_LATE_APPLY_MS: '500',
    OPERATION_WINDOW_MS: '60000',
  }),
  (fresh) => ({ proxy, gateway, target } = fresh),
);
beforeEach(() => gateway.sandbox.behave({ unlistedMs: 0 }));
afterEach(() => proxy.repair());

const CREATE = writeNamed('create a group');
const UPDATE = writeNamed('update a group');
const DELETE = writeNamed('delete a group');

/** What a write relies on if its process dies, by what the state store is told. */
const STEPS = [
  ['create: its subject is locked', CREATE, /cgs:s:/],
  ['create: its operation is stored', CREATE, /cgs:o:/],
  ['create: its operation is added to the pending ones', CREATE, /cgs:pending\r\n\$\d+\r\nop_/],
  ['create: its operation is marked as sent', CREATE, /"sent":true/],
  ...WRITES.filter(({ ofGroup }) => ofGroup).map(
    (write) => [`${write.name}: its group is locked`, write, /cgs:g:/] as const,
  ),
  ['update: its new subject is locked', UPDATE, /cgs:s:/],
  ['update: its group is noted as not new', UPDATE, /cgs:c:/],
  ['delete: its group is noted as not new', DELETE, /cgs:c:/],
] as const;

// The store is back for the record of the write, so that only these steps fail.
describe.each(TRANSPORTS)('a write with a key over %s', (transport) => {
  describe.each(STEPS)('if the state store fails when %s', (_, write, step) => {
    it.each(['before', 'after'] as const)(
      'is not sent, and can be retried: %s it is stored',
      async (when) => {
        const key = newKey();
        const send = (): Promise<KeyedOutcome> => askWithKey(gateway, transport, write, target, key);
        proxy.resetAt(step, when);
        const { error } = await send();
        expect(error).toMatchObject({ code: 'STATE_UNAVAILABLE', status: 503, retryable: true });
        expect(await sentWrites(gateway)).toEqual([]);
        proxy.repair();
        const again = await onceSettled(send);
        expect([again.error, again.replayed]).toEqual([undefined, false]);
        expect(await sentWrites(gateway)).toHaveLength(1);
        expect(await isDone(gateway, write, target)).toBe(true);
      },
    );
  });
});
