import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { ACME, type TestGateway, startTestGateway } from '../support/gateway.js';
import {
  type Arranged,
  OTHER_MEMBER,
  WRITES_TENANTS,
  arrangeTarget,
  askWithKey,
  newKey,
  onceKnown,
  sentWrites,
  withContent,
  writeNamed,
} from '../support/keyed-writes.js';
import { MEMBER, TRANSPORTS, ask } from '../support/operations.js';

const UPDATE = writeNamed('update a group');
const REMOVE = withContent(writeNamed('remove members'), { phoneNumbers: [MEMBER, OTHER_MEMBER] });
/** Once this write is known not to have been executed, CAMS cannot execute any earlier write either. */
const CLOCK = writeNamed('delete a group');

let gateway: TestGateway;
let target: Arranged;

beforeAll(async () => {
  gateway = await startTestGateway({
    ...WRITES_TENANTS,
    CAMS_TIMEOUT_MS: '3000',
    CAMS_LATE_APPLY_MS: '200',
  });
});
afterAll(() => gateway.close());
beforeEach(async () => {
  await gateway.sandbox.reset();
  target = await arrangeTarget(gateway, ACME);
});

/** Waits until CAMS can no longer execute any earlier write. */
async function outliveLateWrites(): Promise<void> {
  const other = await arrangeTarget(gateway, ACME);
  await gateway.sandbox.fault({ action: CLOCK.action, kind: 'reset', count: 1 });
  const key = newKey();
  const told = await onceKnown(() => askWithKey(gateway, 'REST', CLOCK, other, key));
  expect(told.error).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
}

describe.each(TRANSPORTS)('over %s', (transport) => {
  it('never reports an update as not executed if it was executed and then overwritten', async () => {
    await gateway.sandbox.fault({ action: UPDATE.action, kind: 'reset-after-apply', count: 1 });
    const key = newKey();
    const first = await askWithKey(gateway, transport, UPDATE, target, key);
    expect(first.error).toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    const second = await ask(gateway, transport, UPDATE, { ...target, subject: 'Changed again' });
    expect(second.error).toBeUndefined();
    await outliveLateWrites();
    await gateway.sandbox.forgetCalls();
    const { error } = await askWithKey(gateway, transport, UPDATE, target, key);
    expect(error?.code).not.toBe('UPSTREAM_UNAVAILABLE');
    expect(await sentWrites(gateway)).toEqual([]);
  });

  it('never reports a removal as not executed if CAMS confirmed it', async () => {
    const body = '{"Code":"OK","RequestId":"upstream-1","Result":1}';
    await gateway.sandbox.fault({ action: REMOVE.action, kind: 'latency', ms: 1500, count: 1 });
    await gateway.sandbox.fault({ action: REMOVE.action, kind: 'raw', body, count: 1 });
    const key = newKey();
    const first = askWithKey(gateway, transport, REMOVE, target, key);
    await eventually(async () => {
      const lists = await gateway.sandbox.calls('ListChatGroupParticipants');
      return lists.length > 0 || undefined;
    });
    await gateway.sandbox.fault({ action: 'ListChatGroupParticipants', kind: 'http500' });
    expect((await first).error).toMatchObject({ code: 'OUTCOME_UNKNOWN', retryable: true });
    await gateway.sandbox.clearFaults();
    // The member list does not show the confirmed removal yet, because members leave asynchronously.
    const early = await askWithKey(gateway, transport, REMOVE, target, key);
    expect(early.error?.code).not.toBe('UPSTREAM_UNAVAILABLE');
    await gateway.sandbox.changeMember({ op: 'leave', groupId: target.groupId, phoneNumber: MEMBER });
    const told = await onceKnown(() => askWithKey(gateway, transport, REMOVE, target, key));
    expect(told.data).toMatchObject({ removedCount: 1, notRemoved: [OTHER_MEMBER] });
  });
});
