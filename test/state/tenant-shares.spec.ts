import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ACME,
  type Answer,
  GLOBEX,
  GLOBEX_KEY,
  type TestGateway,
  startTestGateway,
} from '../support/gateway.js';
import { RedisServer } from '../support/redis-server.js';

const QUOTA = 40;
const SHARE = 8;

const groupsOf = ({ custSpaceId, businessNumber }: typeof ACME | typeof GLOBEX): string =>
  `/v1/spaces/${custSpaceId}/numbers/${businessNumber}/groups`;

describe.each([
  { name: 'in this process', usesRedis: false },
  { name: 'in Redis', usesRedis: true },
])('two tenants that share the state $name', ({ usesRedis }) => {
  let redis: RedisServer | undefined;
  let gateway: TestGateway;
  let acme: string;
  let another: string;
  let globex: string;

  beforeAll(async () => {
    redis = usesRedis ? await RedisServer.start() : undefined;
    gateway = await startTestGateway({
      TENANTS_FILE: 'test/support/tenants.shares.yaml',
      ...(redis && { STATE_REDIS_URL: redis.url }),
    });
    const [ofAcme, second] = await gateway.sandbox.groups(ACME);
    const [ofGlobex] = await gateway.sandbox.groups(GLOBEX);
    acme = `${groupsOf(ACME)}/${ofAcme?.groupId}`;
    another = `${groupsOf(ACME)}/${second?.groupId}`;
    globex = `${groupsOf(GLOBEX)}/${ofGlobex?.groupId}`;
  });
  afterAll(async () => {
    await gateway.close();
    await redis?.stop();
  });

  const describeGroup = (
    path: string,
    key?: string,
    idempotencyKey: string = randomUUID(),
  ): Promise<Answer> =>
    gateway.rest(path, {
      method: 'PATCH',
      body: { description: randomUUID() },
      headers: { 'idempotency-key': idempotencyKey },
      ...(key !== undefined && { key }),
    });

  it('refuses the one that has used up its share, before anything is sent', async () => {
    const keys = Array.from({ length: SHARE }, () => randomUUID());
    for (const key of keys) expect((await describeGroup(acme, undefined, key)).status).toBe(200);
    await gateway.sandbox.forgetCalls();
    const refused = await describeGroup(acme);
    expect([refused.status, refused.body.code]).toEqual([429, 'RATE_LIMITED']);
    expect(refused.body.detail).toContain(`limit of ${SHARE} stored records (stateRecords)`);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    const created = await gateway.rest(groupsOf(ACME), { method: 'POST', body: { subject: randomUUID() } });
    expect([created.status, created.body.code]).toEqual([429, 'RATE_LIMITED']);
    expect(await gateway.sandbox.calls()).toEqual([]);
    // Replays, and writes that need no record, go on.
    const replayed = await describeGroup(acme, undefined, keys[0]);
    expect([replayed.status, replayed.body.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    const unrecorded = await gateway.rest(acme, { method: 'PATCH', body: { description: 'no key' } });
    expect(unrecorded.status).toBe(200);
  });

  it('still renames and deletes its groups without a key', async () => {
    const renamed = await gateway.rest(acme, { method: 'PATCH', body: { subject: randomUUID() } });
    expect(renamed.status).toBe(200);
    expect((await gateway.rest(acme, { method: 'DELETE' })).status).toBe(204);
    const keyed = { method: 'DELETE', headers: { 'idempotency-key': randomUUID() } };
    const refused = await gateway.rest(another, keyed);
    expect([refused.status, refused.body.code]).toEqual([429, 'RATE_LIMITED']);
  });

  it('serves the other one throughout, while the first sends a hundred times its quota', async () => {
    const statuses: number[] = [];
    const flood = async (): Promise<void> => {
      for (let sent = 0; sent < (QUOTA * 100) / 4; sent += 1)
        statuses.push((await describeGroup(another)).status);
    };
    const flooded = Promise.all([flood(), flood(), flood(), flood()]);
    const answers: number[] = [];
    while (statuses.length < QUOTA * 100) {
      answers.push((await describeGroup(globex, GLOBEX_KEY)).status);
      answers.push((await gateway.rest(groupsOf(GLOBEX), { key: GLOBEX_KEY })).status);
    }
    await flooded;
    expect(new Set(statuses)).toEqual(new Set([429]));
    expect(answers.length).toBeGreaterThan(10);
    expect(new Set(answers)).toEqual(new Set([200]));
  });
});
