import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { ACME, type Answer } from '../support/gateway.js';
import { newKey, newSubject } from '../support/keyed-writes.js';
import { type WriteReplicas, startWriteReplicas } from '../support/write-replicas.js';

const REPLICAS = 3;
/** Longer than the retries take, so that no retry finds the link in a listing. */
const LAG_MS = 1_500;
const GROUPS = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;
const LINK = 'AddChatGroupInviteLink';

let replicas: WriteReplicas;

beforeAll(async () => {
  replicas = await startWriteReplicas(REPLICAS, {});
});
afterAll(() => replicas.close());
beforeEach(async () => {
  await replicas.at(0).sandbox.reset();
  await replicas.at(0).sandbox.behave({ unlistedMs: 0 });
});

it('creates a failed invite link once when concurrent retries of the create request reach several replicas', async () => {
  const { sandbox } = replicas.at(0);
  const body = { subject: newSubject(), withInviteLink: true };
  const headers = { 'idempotency-key': newKey() };
  const ask = (index: number): Promise<Answer> =>
    replicas.at(index).rest(GROUPS, { method: 'POST', body, headers });
  await sandbox.fault({ action: LINK, kind: 'reject', code: 'InvalidParameter', count: 1 });
  const first = await ask(0);
  expect([first.status, first.body.inviteLink]).toEqual([201, null]);
  expect(first.body.inviteLinkError).toBeDefined();
  await sandbox.behave({ listLagMs: LAG_MS });
  const query = `subject=${encodeURIComponent(body.subject)}`;
  await eventually(
    async () => (await replicas.at(0).rest(`${GROUPS}?${query}`)).body.data?.length || undefined,
  );
  const again = await Promise.all(Array.from({ length: REPLICAS }, (_, index) => ask(index)));
  const links = new Set(again.map((answer) => answer.body.inviteLink));
  expect([...links]).toEqual([expect.stringMatching(/^https:/)]);
  expect(again.map((answer) => answer.body.inviteLinkError)).toEqual(again.map(() => undefined));
  expect(await sandbox.calls(LINK)).toHaveLength(2);
  expect(await sandbox.calls('AddChatGroup')).toHaveLength(1);
});
