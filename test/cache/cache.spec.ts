import { describe, expect, it } from '@jest/globals';
import { PAGE_SERVERS, type PageServers, SETTLE_MS, useCachedGateway } from '../support/cached-gateway.js';
import { BYPASS, HIT, MISS, STALE, cacheStatus, expectTruth, readList } from '../support/cached-lists.js';
import { eventually } from '../support/eventually.js';
import { ACME, type Json, type TestGateway } from '../support/gateway.js';
import { OPERATIONS, TRANSPORTS, type Target, ask } from '../support/operations.js';

const MEMBERS = OPERATIONS.filter(({ name }) => name === 'list members');
const WRITES = OPERATIONS.filter(({ kind }) => kind === 'write');

describe.each(PAGE_SERVERS)('pages in $name', ({ start }) => {
  let servers: PageServers;
  let gateway: TestGateway;
  let target: Target;
  useCachedGateway(start, (fresh) => ({ servers, gateway, target } = fresh));

  const lists = async (): Promise<number> => (await gateway.sandbox.calls('ListChatGroup')).length;

  describe('reads', () => {
    it('share one list across any number of readers on both transports', async () => {
      await Promise.all(
        Array.from({ length: 20 }, (_, i) => readList(gateway, i % 2 === 0 ? 'REST' : 'GraphQL')),
      );
      for (const transport of TRANSPORTS) await expectTruth(gateway, transport);
      expect(await lists()).toBe(1);
    });

    it('of all slices of a canonical page share one list', async () => {
      const path = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;
      for (const page of [1, 2, 3])
        expect((await gateway.rest(`${path}?size=5&page=${page}`)).status).toBe(200);
      expect(await lists()).toBe(1);
      expect((await gateway.rest(`${path}?size=5&status=ACTIVE`)).status).toBe(200);
      expect(await lists()).toBe(2);
    });

    it('of single groups use the cache', async () => {
      await readList(gateway);
      const operation = OPERATIONS.filter(({ name }) => name === 'read a group');
      for (const transport of TRANSPORTS) {
        for (const one of operation) {
          const { data } = await ask(gateway, transport, one, target);
          expect(data.groupId).toBe(target.groupId);
        }
      }
      expect(await lists()).toBe(1);
    });

    it('of members are fresh for five seconds, and never stale', async () => {
      await readList(gateway);
      const members = async (): Promise<number> => {
        for (const one of MEMBERS) {
          const { answer } = await ask(gateway, 'REST', one, target);
          expect(answer.body.data).toHaveLength(2);
        }
        return (await gateway.sandbox.calls('ListChatGroupParticipants')).length;
      };
      expect(await members()).toBe(1);
      expect(await members()).toBe(1);
      await servers.pass(5_000);
      expect(await members()).toBe(2);
    });

    it('of a page with a change in progress are fresh for less than two seconds', async () => {
      await gateway.sandbox.changeGroup({ op: 'update', groupId: target.groupId, status: 'UPDATING' });
      await readList(gateway);
      expect(await cacheStatus(gateway)).toMatch(/ttl=[01]$/);
      await servers.pass(2_000);
      expect(await cacheStatus(gateway)).toBe(MISS);
    });

    it('are collapsed while the page is being listed', async () => {
      await gateway.sandbox.fault({ kind: 'latency', action: 'ListChatGroup', ms: 400 });
      const first = cacheStatus(gateway);
      await eventually(async () => ((await lists()) === 1 ? true : undefined));
      expect(await cacheStatus(gateway)).toBe('chatgroup-gateway; fwd=miss; collapsed');
      expect(await first).toBe(MISS);
    });
  });

  describe('the metadata of a list', () => {
    it('shows when it was listed', async () => {
      const before = Date.now();
      const missed = await readList(gateway);
      expect(missed.answer.headers.get('cache-status')).toBe(MISS);
      expect(missed.answer.headers.get('age')).toBe('0');
      expect(Date.parse(missed.asOf)).toBeGreaterThanOrEqual(before);
      await servers.pass(5_000);
      const hit = await readList(gateway);
      const status = hit.answer.headers.get('cache-status');
      expect(status).toMatch(HIT);
      expect(Number(/ttl=(\d+)/.exec(status ?? '')?.[1])).toBeLessThanOrEqual(10);
      expect(Number(hit.answer.headers.get('age'))).toBeGreaterThanOrEqual(5);
      expect(Date.parse(hit.asOf)).toBeLessThanOrEqual(Date.parse(missed.asOf) - 4_900);
      expect(hit.answer.headers.get('etag')).toBe(missed.answer.headers.get('etag'));
      expect([missed.stale, hit.stale]).toEqual([false, false]);
      const graphql = await readList(gateway, 'GraphQL');
      expect(Math.abs(Date.parse(graphql.asOf) - Date.parse(hit.asOf))).toBeLessThan(50);
    });

    it('marks it as stale until it is revalidated in the background', async () => {
      await readList(gateway);
      await gateway.sandbox.fault({ kind: 'latency', action: 'ListChatGroup', ms: 300 });
      await servers.pass(20_000);
      for (const transport of TRANSPORTS) expect((await readList(gateway, transport)).stale).toBe(true);
      const stale = await readList(gateway);
      expect(stale.answer.headers.get('cache-status')).toMatch(STALE);
      expect(Number(stale.answer.headers.get('age'))).toBeGreaterThanOrEqual(20);
      await eventually(async () => (HIT.test((await cacheStatus(gateway)) ?? '') ? true : undefined));
      expect(await lists()).toBe(2);
    });

    it('shows that it bypassed the cache while a write is in progress', async () => {
      await readList(gateway);
      const { server, key } = await servers.only('m');
      await server.command('HSET', key, 'i:somebody', Date.now() + 60_000);
      expect(await cacheStatus(gateway)).toBe(BYPASS);
      await server.command('HDEL', key, 'i:somebody');
      expect(await cacheStatus(gateway)).toMatch(HIT);
    });
  });

  describe.each(TRANSPORTS)('writes over %s', (transport) => {
    it.each(WRITES)('are visible to every later read: $name', async (operation) => {
      for (const one of TRANSPORTS) await expectTruth(gateway, one);
      for (const one of MEMBERS) await ask(gateway, 'REST', one, target);
      const { answer, error } = await ask(gateway, transport, operation, target);
      expect(error).toBeUndefined();
      if (transport === 'REST') expect(answer.headers.get('coherence')).toBe('coherent');
      else expect(answer.body.data[operation.field].coherence).toBe('COHERENT');
      const expectAll = async (): Promise<void> => {
        for (const one of TRANSPORTS) await expectTruth(gateway, one);
        for (const one of operation.name === 'delete a group' ? [] : MEMBERS) {
          const truth = (await gateway.sandbox.groups(ACME)).find(
            ({ groupId }) => groupId === target.groupId,
          );
          const { data } = (await ask(gateway, 'REST', one, target)).answer.body;
          expect(data.map(({ phoneNumber }: Json) => phoneNumber)).toEqual(truth?.participants);
        }
      };
      expect(await cacheStatus(gateway)).toBe(BYPASS);
      await expectAll();
      await servers.pass(SETTLE_MS);
      await expectAll();
      expect(await cacheStatus(gateway)).toMatch(HIT);
      await expectAll();
    });
  });

  describe('a page of another scope under the key', () => {
    it('is dropped and counted, and never served', async () => {
      const { groups } = await readList(gateway);
      const { server, key } = await servers.only('p:*');
      const foreign = JSON.stringify({
        scope: 'another',
        value: { total: 1, groups: [{ groupId: 'stolen' }] },
      });
      await server.command('HSET', key, 'v', foreign, 'r', 'planted');
      const dropped = async (): Promise<string | undefined> => {
        const metrics = await (await fetch(`${gateway.managementUrl}/metrics`)).text();
        return /gateway_cache_foreign_pages_total (\d+)/.exec(metrics)?.[1];
      };
      const before = Number(await dropped());
      for (const transport of TRANSPORTS) {
        expect((await readList(gateway, transport)).groups).toHaveLength(groups.length);
      }
      expect(Number(await dropped())).toBe(before + 1);
      expect(await cacheStatus(gateway)).toMatch(HIT);
    });
  });
});
