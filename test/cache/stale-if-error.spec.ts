import { describe, expect, it } from '@jest/globals';
import { PAGE_SERVERS, type PageServers, useCachedGateway } from '../support/cached-gateway.js';
import { STALE, readList } from '../support/cached-lists.js';
import { eventually } from '../support/eventually.js';
import { ACME, type Json, type TestGateway } from '../support/gateway.js';
import { writeNamed } from '../support/keyed-writes.js';
import { TRANSPORTS, type Target, ask } from '../support/operations.js';

/** How long the cache holds a failure. */
const HOLD_MS = 750;
const FIVE_MINUTES_MS = 5 * 60_000;

describe.each(PAGE_SERVERS)('pages in $name', ({ start }) => {
  let servers: PageServers;
  let gateway: TestGateway;
  let target: Target;
  useCachedGateway(start, (fresh) => ({ servers, gateway, target } = fresh));

  const lists = async (): Promise<number> => (await gateway.sandbox.calls('ListChatGroup')).length;

  describe('while CAMS fails', () => {
    it('serves the last list, with its age', async () => {
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

    it('calls CAMS once, and once more, for any number of concurrent readers', async () => {
      await readList(gateway);
      await servers.pass(FIVE_MINUTES_MS);
      await gateway.sandbox.forgetCalls();
      await gateway.sandbox.fault({ kind: 'http500', action: 'ListChatGroup' });
      const startedAtMs = performance.now();
      await Promise.all(Array.from({ length: 20 }, () => readList(gateway)));
      // A list that fails is sent once more, and a busy machine can take longer to read than the failure is held.
      const most = 2 * (1 + Math.floor((performance.now() - startedAtMs) / HOLD_MS));
      expect(await lists()).toBeGreaterThan(0);
      expect(await lists()).toBeLessThanOrEqual(most);
    });

    it.each([
      ['throttle', 'UPSTREAM_THROTTLED'],
      ['http500', 'UPSTREAM_UNAVAILABLE'],
      ['hang', 'UPSTREAM_TIMEOUT'],
    ])('tells readers a moment later how it failed, without another call: %s', async (kind, code) => {
      await gateway.sandbox.fault({ kind, action: 'ListChatGroup', ms: 3_000 });
      const path = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups?subject=${kind}`;
      const read = async (): Promise<Json> => (await gateway.rest(path)).body;
      const first = await read();
      expect(first.code).toBe(code);
      const { status, retryAfter = 1 } = first;
      // At once: the failure is held for less than a second.
      const [calls, second] = await Promise.all([lists(), read()]);
      expect(second).toMatchObject({ code, status, retryAfter });
      expect(await lists()).toBe(calls);
    });

    it('does not serve a list from before a write', async () => {
      await readList(gateway);
      const { error } = await ask(gateway, 'REST', writeNamed('create a group'), target);
      expect(error).toBeUndefined();
      await servers.pass(FIVE_MINUTES_MS);
      await gateway.sandbox.fault({ kind: 'http500', action: 'ListChatGroup' });
      await expect(readList(gateway)).rejects.toThrow('UPSTREAM_UNAVAILABLE');
    });

    it('does not serve a list after its stale-if-error lifetime', async () => {
      await readList(gateway);
      await servers.pass(600_000);
      await gateway.sandbox.fault({ kind: 'http500', action: 'ListChatGroup' });
      await expect(readList(gateway)).rejects.toThrow('UPSTREAM_UNAVAILABLE');
      // The failure is held for a moment, so CAMS is not called again at once.
      await gateway.sandbox.clearFaults();
      await expect(readList(gateway)).rejects.toThrow('UPSTREAM_UNAVAILABLE');
      await eventually(async () => ((await readList(gateway).catch(() => undefined)) ? true : undefined));
    });
  });

  it('does not serve a stale list if CAMS refuses the request', async () => {
    await readList(gateway);
    await servers.pass(FIVE_MINUTES_MS);
    await gateway.sandbox.fault({ kind: 'reject', action: 'ListChatGroup', code: 'Product.Unsubscript' });
    await expect(readList(gateway)).rejects.toThrow('UPSTREAM_NOT_ALLOWED');
  });
});
