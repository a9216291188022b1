import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ACME, type Answer, type TestGateway, startTestGateway } from '../support/gateway.js';
import { newKey, newSubject } from '../support/keyed-writes.js';

const GROUPS = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({ CREATE_RESOLVE_TIMEOUT_MS: '0' });
});
afterAll(() => gateway.close());
beforeEach(async () => {
  await gateway.sandbox.reset();
  await gateway.sandbox.behave({ unlistedMs: 60_000 });
});

function create(subject: string): Promise<Answer> {
  return gateway.rest(GROUPS, { method: 'POST', body: { subject } });
}

/** Creates a group outside the gateway. */
async function appear(subject: string): Promise<string> {
  const before = new Set((await gateway.sandbox.groups(ACME)).map(({ groupId }) => groupId));
  await gateway.sandbox.changeGroup({ op: 'create', ...ACME, subject });
  const group = (await gateway.sandbox.groups(ACME)).find(({ groupId }) => !before.has(groupId));
  return group?.groupId ?? '';
}

/** Writes after which an operation no longer finds its group. */
const HIDING = [
  ['DELETE', {}, 204],
  ['PATCH', { body: { subject: 'Another subject' } }, 200],
] as const;

describe.each([
  ['with a key', true],
  ['without a key', false],
])('%s', (_name, isKeyed) => {
  const write = (groupId: string, method: string, more: object = {}): Promise<Answer> =>
    gateway.rest(`${GROUPS}/${groupId}`, {
      method,
      ...more,
      headers: isKeyed ? { 'idempotency-key': newKey() } : {},
    });

  describe.each(HIDING)('%s %j', (method, more, status) => {
    it('waits while an operation cannot tell whether the group is its own', async () => {
      const subject = newSubject();
      const { body: operation } = await create(subject);
      // Two, so that neither is taken for the group that was created.
      const [one, other] = [await appear(subject), await appear(subject)];
      await gateway.sandbox.forgetCalls();
      for (const groupId of [one, other]) {
        const refused = await write(groupId, method, more);
        expect([refused.status, refused.body.code, refused.body.operationId]).toEqual([
          409,
          'CONFLICT',
          operation.id,
        ]);
        expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      }
      const sent = await gateway.sandbox.actions();
      expect(sent.filter((action) => action !== 'ListChatGroup')).toEqual([]);
      expect((await gateway.rest(`/v1/operations/${operation.id}`)).body.status).toBe('PENDING');
      await gateway.rest(`/v1/operations/${operation.id}/close`, { method: 'POST' });
      for (const groupId of [one, other]) expect((await write(groupId, method, more)).status).toBe(status);
    });

    it('does not wait if the group is older than the operation, or has another subject', async () => {
      const subject = newSubject();
      const older = await appear(subject);
      expect((await create(subject)).status).toBe(202);
      const another = await appear(newSubject());
      for (const groupId of [older, another])
        expect((await write(groupId, method, more)).status).toBe(status);
    });
  });

  it('changes nothing else about writes to such a group', async () => {
    const subject = newSubject();
    await create(subject);
    const [one] = [await appear(subject), await appear(subject)];
    expect((await write(one, 'PATCH', { body: { description: 'New' } })).status).toBe(200);
  });
});
