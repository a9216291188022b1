import { afterAll, beforeEach, expect, it } from '@jest/globals';
import { AuditFixture } from '../support/audit-fixture.js';
import { eventually } from '../support/eventually.js';
import { ACME, type Json, type TestGateway } from '../support/gateway.js';
import { useKeyedGateway } from '../support/keyed-gateway.js';
import type { TcpProxy } from '../support/tcp-proxy.js';

const GROUPS = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;
/** The write that gives an operation its group. */
const NAMES_GROUP = /"row":\{/;

const audit = new AuditFixture();
let gateway: TestGateway;
let proxy: TcpProxy;
useKeyedGateway(
  ({ proxied }) => ({
    STATE_REDIS_URL: proxied,
    AUDIT_FILE: audit.file,
    CREATE_RESOLVE_TIMEOUT_MS: '0',
    OPERATION_WINDOW_MS: '20000',
  }),
  (fresh) => ({ gateway, proxy } = fresh),
);
beforeEach(() => audit.forget());
afterAll(() => audit.remove());

async function whenSucceeded(id: string): Promise<string> {
  return eventually(async () => {
    const { body } = await gateway.rest(`/v1/operations/${id}`);
    return body.status === 'SUCCEEDED' ? body.chatGroup.groupId : undefined;
  });
}

/** What names a group, by line. */
function named(lines: readonly Json[]): [event: string, write: string, groupId: string][] {
  return lines.filter(({ groupId }) => groupId).map(({ event, write, groupId }) => [event, write, groupId]);
}

it('names the group in the outcome although the store did not confirm the write that names it', async () => {
  const held = proxy.holdAfter(NAMES_GROUP);
  const created = gateway.rest(GROUPS, { method: 'POST', body: { subject: 'Unconfirmed' } });
  await held;
  // Written before the store could confirm anything.
  const [[event, write, groupId] = []] = named(audit.lines);
  expect(event).toBe('outcome');
  await created;
  proxy.repair();
  expect(await whenSucceeded(String(write))).toBe(groupId);
  expect(named(audit.lines)).toHaveLength(1);
});

it('names a group that is found later although the store did not confirm the write that names it', async () => {
  await gateway.sandbox.behave({ unlistedMs: 1_500 });
  const held = proxy.holdAfter(NAMES_GROUP);
  const pending = await gateway.rest(GROUPS, { method: 'POST', body: { subject: 'Unconfirmed later' } });
  expect(pending.status).toBe(202);
  await held;
  const lines = named(audit.lines);
  // Until the store has failed the command and its repetition, so that the lookup ends without a result.
  await eventually(async () => {
    const { status } = await gateway.rest(`/v1/operations/${pending.body.id}`);
    return status === 503 || undefined;
  });
  proxy.repair();
  expect(lines).toEqual([['found', pending.body.id, await whenSucceeded(pending.body.id)]]);
});
