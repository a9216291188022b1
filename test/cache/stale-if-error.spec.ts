import { describe, expect, it } from '@jest/globals';
import { PAGE_SERVERS, type PageServers, useCachedGateway } from '../support/cached-gateway.js';
import { STALE, readList } from '../support/cached-lists.js';
import { eventually } from '../support/eventually.js';
import type { TestGateway } from '../support/gateway.js';
import { writeNamed } from '../support/keyed-writes.js';
import { TRANSPORTS, type Target, ask } from '../support/operations.js';

const FIVE_MINUTES_MS = 5 * 60_000;

describe.each(PAGE_SERVERS)('pages in $name', ({ start }) => {
  let servers: PageServers;
  let gateway: TestGateway;
  let target: Target;
  useCachedGateway(start, (fresh) => ({ servers, gateway, target } = fresh));

  const lists = async (): Promise<number> => (await gateway.sandbox.calls('ListChatGroup')).length;

  describe('while CAMS does not answer', () => {
    it('the last list stands in, and says how old it is', async () => {
      const { groups } = await readList(gateway);
      await servers.pass(FIVE_MINUTES_MS);
      await gateway.sandbox.fault({ kind: 'http500', action: 'ListChatGroup' });
      for (const transport of TRANSPORTS) {
        const list = await readList(gateway, transport);
        expect(list.groups).toHaveLength(groups.length);
        expect(list.stale).toBe(true);
        expect(Date.now() - Date.parse(list.asOf)).toBeGreaterThanOrEqual(FIVE_MINUTES_MS);
      }
      const { answer } = await readList(gateway);
      expect(answer.headers.get('cache-status')).toMatch(STALE);
      expect(Number(answer.headers.get('age'))).toBeGreaterThanOrEqual(FIVE_MINUTES_MS / 1_000);
    });

    it('it is asked once in a moment, however many readers there are', async () => {
      await readList(gateway);
      await servers.pass(FIVE_MINUTES_MS);
      await gateway.sandbox.forgetCalls();
      await gateway.sandbox.fault({ kind: 'http500', action: 'ListChatGroup' });
      await Promise.all(Array.from({ length: 20 }, () => readList(gateway)));
      expect(await lists()).toBe(1);
    });

    it('a list of before a write does not stand in', async () => {
      await readList(gateway);
      const { error } = await ask(gateway, 'REST', writeNamed('create a group'), target);
      expect(error).toBeUndefined();
      await servers.pass(FIVE_MINUTES_MS);
      await gateway.sandbox.fault({ kind: 'http500', action: 'ListChatGroup' });
      await expect(readList(gateway)).rejects.toThrow('UPSTREAM_UNAVAILABLE');
    });

    it('no list stands in past its life', async () => {
      await readList(gateway);
      await servers.pass(600_000);
      await gateway.sandbox.fault({ kind: 'http500', action: 'ListChatGroup' });
      await expect(readList(gateway)).rejects.toThrow('UPSTREAM_UNAVAILABLE');
      // Nor is the failure repeated at once.
      await gateway.sandbox.clearFaults();
      await expect(readList(gateway)).rejects.toThrow('UPSTREAM_UNAVAILABLE');
      await eventually(async () => ((await readList(gateway).catch(() => undefined)) ? true : undefined));
    });
  });

  it('a list does not stand in for a refusal', async () => {
    await readList(gateway);
    await servers.pass(FIVE_MINUTES_MS);
    await gateway.sandbox.fault({ kind: 'reject', action: 'ListChatGroup', code: 'Product.Unsubscript' });
    await expect(readList(gateway)).rejects.toThrow('UPSTREAM_NOT_ALLOWED');
  });
});
