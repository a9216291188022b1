import { describe, expect, it } from '@jest/globals';
import { ACME, GLOBEX, GLOBEX_KEY, type TestGateway } from '../support/gateway.js';
import { useKeyedGateway } from '../support/keyed-gateway.js';
import {
  type Arranged,
  WRITES,
  arrangeTarget,
  askWithKey,
  isDone,
  newKey,
  newSubject,
  sentWrites,
  withOtherContent,
  writeNamed,
} from '../support/keyed-writes.js';
import { TRANSPORTS, ask } from '../support/operations.js';

const REUSED = { code: 'IDEMPOTENCY_KEY_REUSED', status: 422, retryable: false };

let gateway: TestGateway;
let target: Arranged;

useKeyedGateway(
  ({ direct }) => ({ STATE_REDIS_URL: direct }),
  (fresh) => ({ gateway, target } = fresh),
);

describe.each(TRANSPORTS)('over %s', (transport) => {
  const other = transport === 'REST' ? 'GraphQL' : 'REST';

  it.each(WRITES)('sends a write once per key and replays its outcome: $name', async (one) => {
    const key = newKey();
    const first = await askWithKey(gateway, transport, one, target, key);
    expect([first.error, first.replayed]).toEqual([undefined, false]);
    expect(await isDone(gateway, one, target)).toBe(true);
    await gateway.sandbox.forgetCalls();
    for (const _ of [1, 2]) {
      const again = await askWithKey(gateway, transport, one, target, key);
      expect(again.replayed).toBe(true);
      expect(again.told).toEqual(first.told);
    }
    expect(await sentWrites(gateway)).toEqual([]);
  });

  it.each(WRITES)(`replays the outcome over ${other}: $name`, async (one) => {
    const key = newKey();
    const first = await askWithKey(gateway, transport, one, target, key);
    const again = await askWithKey(gateway, other, one, target, key);
    expect([again.error, again.replayed]).toEqual([undefined, true]);
    expect(again.answer.status).toBe(other === 'REST' ? one.restStatus : 200);
    const groupIn = (outcome: typeof first): unknown =>
      outcome.data?.chatGroup?.groupId ?? outcome.data?.groupId;
    if (one.name === 'create a group') expect(groupIn(again)).toBe(groupIn(first));
    expect(await sentWrites(gateway)).toHaveLength(1);
  });

  it.each(WRITES)('refuses the key for another target: $name', async (one) => {
    const key = newKey();
    const elsewhere = one.ofGroup ? await arrangeTarget(gateway, ACME) : { ...target, subject: newSubject() };
    await askWithKey(gateway, transport, one, target, key);
    await gateway.sandbox.forgetCalls();
    const { error } = await askWithKey(gateway, transport, one, elsewhere, key);
    expect(error).toMatchObject(REUSED);
    expect(await gateway.sandbox.actions()).toEqual([]);
  });

  it.each(WRITES.filter(({ name }) => /create a group|update|members/.test(name)))(
    'refuses the key for other content: $name',
    async (one) => {
      const key = newKey();
      await askWithKey(gateway, transport, one, target, key);
      await gateway.sandbox.forgetCalls();
      const { error } = await askWithKey(gateway, transport, withOtherContent(one), target, key);
      expect(error).toMatchObject(REUSED);
      expect(await gateway.sandbox.actions()).toEqual([]);
    },
  );

  it.each(WRITES)('refuses the key for every other operation: $name', async (one) => {
    const key = newKey();
    const others = WRITES.filter(({ name }) => name !== one.name);
    await askWithKey(gateway, transport, one, target, key);
    await gateway.sandbox.forgetCalls();
    for (const another of others) {
      const { error } = await askWithKey(gateway, transport, another, target, key);
      expect(error).toMatchObject(REUSED);
    }
    expect(await gateway.sandbox.actions()).toEqual([]);
  });

  it.each(WRITES)('separates equal keys of different tenants: $name', async (one) => {
    const key = newKey();
    const theirs = await arrangeTarget(gateway, GLOBEX, { key: GLOBEX_KEY });
    const first = await askWithKey(gateway, transport, one, target, key);
    const foreign = await askWithKey(gateway, transport, one, theirs, key, { key: GLOBEX_KEY });
    expect([foreign.error, foreign.replayed]).toEqual([undefined, false]);
    expect(await isDone(gateway, one, theirs)).toBe(true);
    expect(await sentWrites(gateway)).toHaveLength(2);
    const again = await askWithKey(gateway, transport, one, target, key);
    expect([again.replayed, again.told]).toEqual([true, first.told]);
  });

  it('sends a new write for another key', async () => {
    const one = writeNamed('create an invite link');
    const links = new Set<unknown>();
    for (const key of [newKey(), newKey()]) {
      const { data } = await askWithKey(gateway, transport, one, target, key);
      links.add(data.inviteLink ?? data.chatGroup.inviteLink);
    }
    expect(links.size).toBe(2);
  });

  it('ignores the order of member numbers when comparing content', async () => {
    const remove = writeNamed('remove members');
    const numbers = ['8613700000098', '8613700000099'];
    const inOrder = (phoneNumbers: readonly string[]): typeof remove => ({
      ...remove,
      rest: (of) => ({ ...remove.rest(of), body: { phoneNumbers } }),
      graphql: (of) => {
        const { query, variables } = remove.graphql(of);
        return { query, variables: { input: { ...(variables['input'] as object), phoneNumbers } } };
      },
    });
    const key = newKey();
    await askWithKey(gateway, transport, inOrder(numbers), target, key);
    const again = await askWithKey(gateway, transport, inOrder(numbers.toReversed()), target, key);
    expect([again.error, again.replayed, again.data.removedCount]).toEqual([undefined, true, 2]);
  });

  it.each([
    ['with a space', 'a key'],
    ['of 256 characters', 'k'.repeat(256)],
    ['with non-ASCII characters', 'schlüssel'],
    ['that is empty', ''],
  ])('refuses a key %s', async (_, key) => {
    const { error } = await askWithKey(gateway, transport, writeNamed('delete a group'), target, key);
    const field = transport === 'REST' ? 'Idempotency-Key' : 'idempotencyKey';
    expect(error).toMatchObject({ code: 'VALIDATION_FAILED', violations: [{ field }] });
    expect(await sentWrites(gateway)).toEqual([]);
  });

  it.each([
    ['of 255 characters', 'k'.repeat(248)],
    ['with special characters', '{!~#%&'],
  ])('accepts a key %s', async (_, text) => {
    const key = `${text}${newKey().slice(-7)}`;
    const one = writeNamed('update a group');
    await askWithKey(gateway, transport, one, target, key);
    expect((await askWithKey(gateway, transport, one, target, key)).replayed).toBe(true);
  });

  it('sends every request without a key', async () => {
    const one = writeNamed('create an invite link');
    for (const _ of [1, 2]) await ask(gateway, transport, one, target);
    expect(await sentWrites(gateway)).toHaveLength(2);
  });
});

describe('the Idempotency-Key header', () => {
  it('means the same with and without quotes', async () => {
    const one = writeNamed('update a group');
    const key = newKey();
    await askWithKey(gateway, 'REST', one, target, `"${key}"`);
    for (const form of [key, ` "${key}" `]) {
      expect((await askWithKey(gateway, 'REST', one, target, form)).replayed).toBe(true);
    }
    expect((await askWithKey(gateway, 'GraphQL', one, target, key)).replayed).toBe(true);
  });

  it('is refused on /graphql, where it would be ignored', async () => {
    const headers = { 'idempotency-key': newKey() };
    const { answer, error } = await ask(gateway, 'GraphQL', writeNamed('delete a group'), target, {
      headers,
    });
    expect(answer.status).toBe(400);
    expect(error).toMatchObject({ code: 'VALIDATION_FAILED', violations: [{ field: 'Idempotency-Key' }] });
    expect(await sentWrites(gateway)).toEqual([]);
  });

  it.each(['update a group', 'delete a group'])('is bound to its If-Match: %s', async (name) => {
    const one = writeNamed(name);
    const { path } = one.rest(target);
    const tag = (await gateway.rest(path)).headers.get('etag') ?? '';
    const key = newKey();
    const first = await askWithKey(gateway, 'REST', one, target, key, { headers: { 'if-match': tag } });
    expect(first.error).toBeUndefined();
    await gateway.sandbox.forgetCalls();
    const others: Record<string, string>[] = [{ 'if-match': '"another"' }, {}];
    for (const headers of others) {
      const { error } = await askWithKey(gateway, 'REST', one, target, key, { headers });
      expect(error).toMatchObject(REUSED);
    }
    expect((await askWithKey(gateway, 'GraphQL', one, target, key)).error).toMatchObject(REUSED);
    expect(await gateway.sandbox.actions()).toEqual([]);
  });
});
