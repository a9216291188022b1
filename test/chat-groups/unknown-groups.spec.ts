import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { ACME, type Answer, type TestGateway, startTestGateway } from '../support/gateway.js';

const GROUPS = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;
const PAGE_SIZE = 10;
const COUNT = 200;
const PAGES = COUNT / PAGE_SIZE;
const FRESH_MS = 1_000;
/** Longer than two scans are apart, however many unknown groups are requested. */
const SCAN_INTERVAL_MS = 2_000;
const QPS = 20;

let gateway: TestGateway;
const start = async (settings: Record<string, string>): Promise<void> => {
  gateway = await startTestGateway({
    CAMS_PAGE_SIZE: String(PAGE_SIZE),
    TENANTS_FILE: 'test/support/isolation-tenants.yaml',
    ...settings,
  });
};

const askFor = (groupId: string): Promise<Answer> => gateway.rest(`${GROUPS}/${groupId}`);
const nobody = (): string => crypto.randomUUID().replaceAll('-', '').slice(0, 24).toUpperCase();
const lists = async (): Promise<number> => (await gateway.sandbox.calls('ListChatGroup')).length;
const isFound = async (groupId: string): Promise<true | undefined> =>
  (await askFor(groupId)).status === 200 ? true : undefined;

/** Makes the number have {@link COUNT} groups; returns their IDs. */
async function fill(): Promise<string[]> {
  await gateway.sandbox.reset();
  for (const { groupId } of await gateway.sandbox.groups(ACME))
    await gateway.sandbox.changeGroup({ op: 'delete', groupId });
  return gateway.sandbox.createGroups(COUNT, { ...ACME, subject: 'One of many' });
}

describe('a group that does not exist', () => {
  beforeAll(() => start({ CACHE_FRESH_MS: '60000', CACHE_STALE_WHILE_REVALIDATE_MS: '60000' }));
  afterAll(() => gateway.close());
  beforeEach(fill);

  it('costs no calls while nothing changes, and neither do others', async () => {
    const unknown = nobody();
    await gateway.rest(GROUPS, { method: 'POST', body: { subject: 'A new generation' } });
    await gateway.sandbox.forgetCalls();
    expect((await askFor(unknown)).status).toBe(404);
    const scan = await lists();
    for (const endMs = performance.now() + SCAN_INTERVAL_MS * 1.5; performance.now() < endMs;)
      for (const id of [unknown, nobody()]) expect((await askFor(id)).status).toBe(404);
    expect([scan, await lists()]).toEqual([PAGES + 1, PAGES + 1]);
  });

  it('is looked for again after a write', async () => {
    expect((await askFor(nobody())).status).toBe(404);
    const { groupId } = await gateway.sandbox.changeGroup({ op: 'create', ...ACME, subject: 'Made outside' });
    await gateway.rest(GROUPS, { method: 'POST', body: { subject: 'A new generation' } });
    expect(await eventually(() => isFound(groupId))).toBe(true);
  });
});

describe('a group that was deleted through the gateway', () => {
  beforeAll(() => start({ CACHE_FRESH_MS: '60000', CACHE_STALE_WHILE_REVALIDATE_MS: '60000' }));
  afterAll(() => gateway.close());

  it('is not looked for', async () => {
    const [, groupId = ''] = await fill();
    await gateway.rest(`${GROUPS}?size=100`);
    expect((await gateway.rest(`${GROUPS}/${groupId}`, { method: 'DELETE' })).status).toBe(204);
    await gateway.sandbox.forgetCalls();
    for (const method of ['GET', 'DELETE']) {
      const answer = await gateway.rest(`${GROUPS}/${groupId}`, { method });
      expect([answer.status, answer.body.code]).toEqual([404, 'NOT_FOUND']);
    }
    expect((await gateway.rest(`${GROUPS}/${groupId}/participants`)).status).toBe(404);
    expect(await gateway.sandbox.calls()).toEqual([]);
  });

  it('is found again once a list shows it, because WhatsApp did not delete it', async () => {
    const [groupId = ''] = await fill();
    await gateway.rest(GROUPS);
    await gateway.sandbox.fault({ action: 'DeleteChatGroup', kind: 'fails-later', ms: 0, count: 1 });
    expect((await gateway.rest(`${GROUPS}/${groupId}`, { method: 'DELETE' })).status).toBe(204);
    await eventually(async () => {
      const listed = await gateway.sandbox.groups(ACME);
      return listed.some((group) => group.groupId === groupId && group.status === 'ACTIVE') || undefined;
    });
    await gateway.rest(`${GROUPS}?size=100`);
    expect((await askFor(groupId)).status).toBe(200);
  });
});

describe('a group that was created outside the gateway', () => {
  beforeAll(() =>
    start({
      CACHE_FRESH_MS: String(FRESH_MS),
      CACHE_STALE_WHILE_REVALIDATE_MS: String(FRESH_MS * 4),
    }),
  );
  afterAll(() => gateway.close());
  beforeEach(fill);

  it('is found, although a scan did not show it', async () => {
    expect((await askFor(nobody())).status).toBe(404);
    const { groupId } = await gateway.sandbox.changeGroup({ op: 'create', ...ACME, subject: 'Made outside' });
    expect(await eventually(() => isFound(groupId))).toBe(true);
  });

  it('is found even if the number of groups is the same as before', async () => {
    const [first] = await gateway.sandbox.groups(ACME);
    expect((await askFor(nobody())).status).toBe(404);
    await gateway.sandbox.changeGroup({ op: 'delete', groupId: first?.groupId });
    const { groupId } = await gateway.sandbox.changeGroup({ op: 'create', ...ACME, subject: 'Made outside' });
    expect(await eventually(() => isFound(groupId))).toBe(true);
  });
});

describe('a scan', () => {
  beforeAll(() => start({ CAMS_QPS: String(QPS) }));
  afterAll(() => gateway.close());

  it('takes at most half of the rate', async () => {
    await fill();
    await gateway.sandbox.forgetCalls();
    expect((await askFor(nobody())).status).toBe(404);
    const sentMs = (await gateway.sandbox.calls('ListChatGroup')).map(({ at }) => Date.parse(at));
    expect(sentMs).toHaveLength(PAGES);
    const inOneSecond = sentMs.map((from) => sentMs.filter((at) => at >= from && at < from + 1_000).length);
    // The first page, and a few at once.
    expect(Math.max(...inOneSecond)).toBeLessThanOrEqual(QPS / 2 + 5);
  });
});
