import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encodeChatGroupId } from '../../src/chat-groups/model/chat-group-id.js';
import { loadConfig } from '../../src/config/config.js';
import { ACME, type Answer, type TestGateway, startTestGateway } from '../support/gateway.js';
import { RedisServer } from '../support/redis-server.js';
import { EXPLAINED_PICTURE_URLS, GOOD_PICTURE_URLS, HOSTILE_PICTURE_URLS } from '../support/picture-urls.js';

const MUTATION = 'mutation ($input: UpdateChatGroupInput!) { updateChatGroup(input: $input) { requestId } }';
/** Each URL is sent on both transports, more often than the demo tenant's quota allows. */
const TENANTS_FILE = 'test/support/tenants.quotas.yaml';

/** Sends a picture on both transports. */
async function send(gateway: TestGateway, groupId: string, profilePictureUrl: string): Promise<Answer[]> {
  const path = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups/${groupId}`;
  const input = { id: encodeChatGroupId({ ...ACME, groupId }), profilePictureUrl };
  return [
    await gateway.rest(path, { method: 'PATCH', body: { profilePictureUrl } }),
    await gateway.graphql(MUTATION, { input }),
  ];
}

async function firstGroup(gateway: TestGateway): Promise<string> {
  const [group] = await gateway.sandbox.groups(ACME);
  return group?.groupId ?? '';
}

describe('the URL of a picture', () => {
  let gateway: TestGateway;
  let groupId: string;

  beforeAll(async () => {
    gateway = await startTestGateway({ TENANTS_FILE });
    groupId = await firstGroup(gateway);
    await gateway.sandbox.forgetCalls();
  });
  afterAll(() => gateway.close());

  it('is refused if it can lead anywhere but to the internet, without a call to CAMS', async () => {
    expect(HOSTILE_PICTURE_URLS.length).toBeGreaterThan(150);
    const accepted: unknown[] = [];
    for (const url of HOSTILE_PICTURE_URLS) {
      for (const { body } of await send(gateway, groupId, url)) {
        const { code, violations } = body.errors?.[0].extensions ?? body;
        const refused = code === 'VALIDATION_FAILED' && violations.length === 1;
        if (!refused || violations[0].field !== 'profilePictureUrl') accepted.push([url, body]);
      }
    }
    expect(accepted).toEqual([]);
    expect(await gateway.sandbox.actions()).toEqual([]);
  });

  it('is refused with the reason, alike on both transports', async () => {
    for (const [url, message] of Object.entries(EXPLAINED_PICTURE_URLS))
      for (const { body } of await send(gateway, groupId, url)) {
        const { violations } = body.errors?.[0].extensions ?? body;
        expect([url, violations?.[0].message]).toEqual([url, expect.stringMatching(message)]);
      }
  });

  it('is sent to CAMS as it was parsed', async () => {
    const sent = new Set<unknown>();
    for (const [url, parsed] of Object.entries(GOOD_PICTURE_URLS)) {
      await gateway.sandbox.forgetCalls();
      const answers = await send(gateway, groupId, url);
      expect([url, ...answers.map(({ status }) => status)]).toEqual([url, 200, 200]);
      const calls = await gateway.sandbox.calls('UpdateChatGroup');
      expect(calls.map(({ parameters }) => parameters['ProfilePictureFile'])).toEqual([parsed, parsed]);
      sent.add(parsed);
    }
    expect(sent.size).toBeGreaterThan(20);
  });
});

describe('PICTURE_CHECK', () => {
  it('off leaves the host unchecked, but not the form', async () => {
    const gateway = await startTestGateway({ TENANTS_FILE, PICTURE_CHECK: 'off' });
    const groupId = await firstGroup(gateway);
    const inside = await send(gateway, groupId, 'https://pictures.internal:8443/a.jpg');
    expect(inside.map(({ status }) => status)).toEqual([200, 200]);
    for (const url of ['http://acme.travel/a.jpg', 'https://@evil.com/', 'https://acme.travel/\u200b'])
      for (const { text } of await send(gateway, groupId, url)) expect(text).toContain('VALIDATION_FAILED');
    await gateway.close();
  });

  it('fetch refuses a picture that cannot be fetched, before the write is sent', async () => {
    const gateway = await startTestGateway({ TENANTS_FILE, PICTURE_CHECK: 'fetch' });
    const groupId = await firstGroup(gateway);
    const answers = [
      // The domain does not exist, and the second host name does not even have to be resolved.
      ...(await send(gateway, groupId, `https://pictures.${randomUUID()}.com/group.jpg`)),
      ...(await send(gateway, groupId, 'https://pictures.internal/group.jpg')),
    ];
    for (const { body } of answers) {
      const { code, violations } = body.errors?.[0].extensions ?? body;
      expect([code, violations?.[0].field]).toEqual(['VALIDATION_FAILED', 'profilePictureUrl']);
    }
    expect(await gateway.sandbox.actions()).not.toContain('UpdateChatGroup');
    const path = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups/${groupId}`;
    const { status } = await gateway.rest(path, { method: 'PATCH', body: { description: 'No picture.' } });
    expect(status).toBe(200);
    await gateway.close();
  });

  it('fetch does not fetch the picture of a write that was executed before', async () => {
    const redis = await RedisServer.start({});
    const settings = { TENANTS_FILE, STATE_REDIS_URL: redis.url };
    const unchecked = await startTestGateway(settings);
    const checked = await startTestGateway({ ...settings, PICTURE_CHECK: 'fetch' });
    const groupId = await firstGroup(unchecked);
    const path = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups/${groupId}`;
    const write = {
      method: 'PATCH',
      body: { profilePictureUrl: `https://pictures.${randomUUID()}.com/group.jpg` },
      headers: { 'idempotency-key': randomUUID() },
    };
    const first = await unchecked.rest(path, write);
    const replay = await checked.rest(path, write);
    expect([first.status, replay.status]).toEqual([200, 200]);
    expect(replay.headers.get('idempotency-replayed')).toBe('true');
    await Promise.all([unchecked.close(), checked.close()]);
    await redis.stop();
  });

  it.each(['fetched', 'on'])('does not accept %s', (value) => {
    expect(() => loadConfig({ PICTURE_CHECK: value })).toThrow(/PICTURE_CHECK must be/);
  });
});
