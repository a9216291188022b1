import { MAX_PAGE_SIZE } from '../../src/chat-groups/model/page-size.js';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { ACME, GLOBEX, GLOBEX_KEY, type TestGateway, startTestGateway } from '../support/gateway.js';

let gateway: TestGateway;

const GROUPS = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;
const PAGE_SIZE = 10;

beforeAll(async () => {
  gateway = await startTestGateway({
    CAMS_PAGE_SIZE: String(PAGE_SIZE),
    TENANTS_FILE: 'test/support/isolation-tenants.yaml',
  });
});
afterAll(() => gateway.close());
beforeEach(async () => {
  await gateway.sandbox.reset();
  await gateway.rest(`${GROUPS}?size=${MAX_PAGE_SIZE}`);
});

it('finds a group that moved to another page with at most two scans for many concurrent requests', async () => {
  const groups = await gateway.sandbox.groups(ACME);
  const moved = groups[PAGE_SIZE]?.groupId ?? '';
  await gateway.sandbox.changeGroup({ op: 'delete', groupId: groups[0]?.groupId });
  await gateway.sandbox.forgetCalls();
  await gateway.sandbox.fault({ action: 'ListChatGroup', kind: 'latency', ms: 50 });
  const answers = await Promise.all(Array.from({ length: 40 }, () => gateway.rest(`${GROUPS}/${moved}`)));
  expect(answers.map(({ status }) => status)).toEqual(Array(40).fill(200));
  const scan = Math.ceil((groups.length - 1) / PAGE_SIZE);
  // Besides the scans, only lookups of the page where it was; requests that arrive while one is waiting share it.
  const looks = 10;
  expect((await gateway.sandbox.calls('ListChatGroup')).length).toBeLessThanOrEqual(2 * scan + looks);
});

it('sends one DeleteChatGroup call for concurrent delete requests', async () => {
  const [group] = await gateway.sandbox.groups(ACME);
  const remove = (): ReturnType<TestGateway['rest']> =>
    gateway.rest(`${GROUPS}/${group?.groupId}`, { method: 'DELETE' });
  const answers = await Promise.all(Array.from({ length: 6 }, remove));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([204, 404, 404, 404, 404, 404]);
  expect(await gateway.sandbox.calls('DeleteChatGroup')).toHaveLength(1);
});

it('finds a group that it has never seen with one scan', async () => {
  // A separate number, because the other one was scanned a moment ago.
  const { groupId } = await gateway.sandbox.changeGroup({ op: 'create', ...GLOBEX, subject: 'Made outside' });
  const { custSpaceId, businessNumber } = GLOBEX;
  const path = `/v1/spaces/${custSpaceId}/numbers/${businessNumber}/groups/${groupId}`;
  const answer = await gateway.rest(path, { key: GLOBEX_KEY });
  expect([answer.status, answer.body.subject]).toEqual([200, 'Made outside']);
});
