import { beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { ACME, type Json, READONLY_KEY, type TestGateway } from '../support/gateway.js';
import { useKeyedGateway } from '../support/keyed-gateway.js';
import {
  type Arranged,
  WRITER_KEY,
  askWithKey,
  newKey,
  onceKnown,
  sentWrites,
  withContent,
  writeNamed,
} from '../support/keyed-writes.js';
import { TRANSPORTS, type Transport } from '../support/operations.js';
import type { SandboxGroup } from '../support/sandbox-control.js';
import type { TcpProxy } from '../support/tcp-proxy.js';

const UPDATE = writeNamed('update a group');
const DELETE = writeNamed('delete a group');
const CREATE = writeNamed('create a group');
const LINK = writeNamed('create an invite link');
/** Form of the invite links that Meta issues. */
const LINK_FORM = /^https:\/\/chat\.whatsapp\.com\//;

/** Proxy in front of the cache's Redis. */
let cache: TcpProxy;
let gateway: TestGateway;
let target: Arranged;

useKeyedGateway(
  ({ direct, proxied }) => ({
    REDIS_URL: proxied,
    STATE_REDIS_URL: direct,
    CAMS_TIMEOUT_MS: '1500',
    CAMS_LATE_APPLY_MS: '300',
    CREATE_RESOLVE_TIMEOUT_MS: '500',
  }),
  (fresh) => ({ proxy: cache, gateway, target } = fresh),
);
beforeEach(() => gateway.sandbox.behave({ unlistedMs: 0 }));

const groupIn = (data: Json): Json => data.chatGroup ?? data;
const coherenceIn = (
  transport: Transport,
  { answer, data }: { answer: { headers: Headers }; data: Json },
): string => (transport === 'REST' ? (answer.headers.get('coherence') ?? '').toUpperCase() : data.coherence);

describe('a retry with If-Match', () => {
  it.each([UPDATE, DELETE])(
    'replays the outcome even though its ETag is no longer current: $name',
    async (one) => {
      const { path } = one.rest(target);
      const headers = { 'if-match': (await gateway.rest(path)).headers.get('etag') ?? '' };
      const key = newKey();
      const first = await askWithKey(gateway, 'REST', one, target, key, { headers });
      expect(first.answer.status).toBe(one.restStatus);
      await gateway.sandbox.forgetCalls();
      const again = await askWithKey(gateway, 'REST', one, target, key, { headers });
      expect([again.replayed, again.told]).toEqual([true, first.told]);
      expect(await gateway.sandbox.actions()).toEqual([]);
      const other = await askWithKey(gateway, 'REST', one, target, newKey(), { headers });
      expect(['PRECONDITION_FAILED', 'NOT_FOUND']).toContain(other.error.code);
    },
  );

  it.each([UPDATE, DELETE])(
    'is found executed even though its ETag is no longer current: $name',
    async (one) => {
      const { path } = one.rest(target);
      const headers = { 'if-match': (await gateway.rest(path)).headers.get('etag') ?? '' };
      await gateway.sandbox.fault({ action: one.action, kind: 'reset-after-apply', count: 1 });
      const key = newKey();
      const first = await askWithKey(gateway, 'REST', one, target, key, { headers });
      expect(first.error).toMatchObject({ code: 'OUTCOME_UNKNOWN' });
      const again = await askWithKey(gateway, 'REST', one, target, key, { headers });
      expect([again.answer.status, again.replayed]).toEqual([one.restStatus, true]);
    },
  );
});

describe.each(TRANSPORTS)('over %s', (transport) => {
  it('shows the invite link only to callers with the permission, whichever caller was first', async () => {
    const key = newKey();
    const [blind, seeing] = [{ key: WRITER_KEY }, {}];
    const first = await askWithKey(gateway, transport, UPDATE, target, key, blind);
    expect(groupIn(first.data).inviteLink).toBeNull();
    const second = await askWithKey(gateway, transport, UPDATE, target, key, seeing);
    expect([second.replayed, groupIn(second.data).inviteLink]).toEqual([true, target.linkBefore]);
    const third = await askWithKey(gateway, transport, UPDATE, target, key, blind);
    expect([third.replayed, groupIn(third.data).inviteLink]).toEqual([true, null]);
    expect(third.answer.text).not.toContain('chat.whatsapp.com');
  });

  it.each([CREATE, UPDATE, DELETE, LINK])(
    'does not replay an outcome to a caller without the permission: $name',
    async (one) => {
      const key = newKey();
      await askWithKey(gateway, transport, one, target, key);
      const { error, replayed } = await askWithKey(gateway, transport, one, target, key, {
        key: READONLY_KEY,
      });
      expect([error.code, replayed]).not.toContain(true);
      expect(error.code).not.toBe('IDEMPOTENCY_KEY_REUSED');
    },
  );

  it('does not replay the link of a create request to a caller without the permission', async () => {
    const key = newKey();
    const one = withContent(CREATE, { withInviteLink: true });
    const first = await askWithKey(gateway, transport, one, target, key);
    expect(groupIn(first.data).inviteLink).toMatch(LINK_FORM);
    const { error, answer } = await askWithKey(gateway, transport, one, target, key, { key: WRITER_KEY });
    expect(error.code).toBe('FORBIDDEN');
    expect(answer.text).not.toContain('chat.whatsapp.com');
  });

  it('reports the coherence at the time of the replay', async () => {
    const key = newKey();
    cache.cut();
    const first = await askWithKey(gateway, transport, UPDATE, target, key);
    expect(coherenceIn(transport, first)).toBe('BOUNDED');
    const blind = await askWithKey(gateway, transport, UPDATE, target, key);
    expect([blind.replayed, coherenceIn(transport, blind)]).toEqual([true, 'BOUNDED']);
    cache.repair();
    const later = await eventually(async () => {
      const again = await askWithKey(gateway, transport, UPDATE, target, key);
      return coherenceIn(transport, again) === 'COHERENT' ? again : undefined;
    });
    expect([later.error, later.replayed]).toEqual([undefined, true]);
    expect((await gateway.rest(UPDATE.rest(target).path)).body.subject).toBe(target.subject);
    expect(await sentWrites(gateway)).toHaveLength(1);
  });

  it('shows a reconciled write to subsequent reads', async () => {
    await gateway.rest(UPDATE.rest(target).path);
    await gateway.sandbox.fault({ action: UPDATE.action, kind: 'reset-after-apply', count: 1 });
    const key = newKey();
    await askWithKey(gateway, transport, UPDATE, target, key);
    const again = await askWithKey(gateway, transport, UPDATE, target, key);
    expect([again.replayed, coherenceIn(transport, again)]).toEqual([true, 'COHERENT']);
    expect(groupIn(again.data).subject).toBe(target.subject);
    expect((await gateway.rest(UPDATE.rest(target).path)).body.subject).toBe(target.subject);
  });

  it('retries only the invite link if only the link failed, and reports its error until it succeeds', async () => {
    const one = withContent(CREATE, { withInviteLink: true });
    await gateway.sandbox.fault({
      action: LINK.action,
      kind: 'reject',
      code: 'InvalidParameter.Link',
      count: 2,
    });
    const key = newKey();
    for (const replayed of [false, true]) {
      const half = await askWithKey(gateway, transport, one, target, key);
      expect(half.replayed).toBe(replayed);
      expect(groupIn(half.data)).toMatchObject({ subject: target.subject, inviteLink: null });
      expect(linkErrorOf(transport, half.answer.body)).toMatchObject({
        code: 'UPSTREAM_REJECTED',
        status: 422,
      });
    }
    const whole = await askWithKey(gateway, transport, one, target, key);
    expect([whole.replayed, linkErrorOf(transport, whole.answer.body)]).toEqual([true, undefined]);
    expect(groupIn(whole.data).inviteLink).toMatch(LINK_FORM);
    const { groupId, inviteLink } = groupIn(whole.data);
    const last = await askWithKey(gateway, transport, one, target, key);
    expect(groupIn(last.data)).toMatchObject({ groupId, inviteLink });
    const writes = await sentWrites(gateway);
    expect(writes.filter((write) => write.startsWith('AddChatGroup '))).toHaveLength(1);
    expect(writes.filter((write) => write.startsWith('AddChatGroupInviteLink'))).toHaveLength(3);
    const group = await madeGroup();
    expect(group).toMatchObject({ groupId, inviteLink });
  });

  it('creates no second link if the response for the first was lost', async () => {
    const one = withContent(CREATE, { withInviteLink: true });
    await gateway.sandbox.fault({ action: LINK.action, kind: 'reset-after-apply', count: 1 });
    const key = newKey();
    const first = await askWithKey(gateway, transport, one, target, key);
    expect(linkErrorOf(transport, first.answer.body)).toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    const again = await onceKnown(() => askWithKey(gateway, transport, one, target, key));
    const group = await madeGroup();
    expect(groupIn(again.data).inviteLink).toBe(group?.inviteLink);
    expect(await gateway.sandbox.calls(LINK.action)).toHaveLength(1);
  });

  it('creates no second link while CAMS may still create the first', async () => {
    const one = withContent(CREATE, { withInviteLink: true });
    await gateway.sandbox.fault({ action: LINK.action, kind: 'late-apply', ms: 1_000, count: 1 });
    const key = newKey();
    const first = await askWithKey(gateway, transport, one, target, key);
    expect(linkErrorOf(transport, first.answer.body)).toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    await askWithKey(gateway, transport, one, target, key);
    const told = await eventually(async () => {
      const again = await askWithKey(gateway, transport, one, target, key);
      return (await madeGroup())?.inviteLink && groupIn(again.data)?.inviteLink ? again : undefined;
    });
    expect(await gateway.sandbox.calls(LINK.action)).toHaveLength(1);
    expect(groupIn(told.data).inviteLink).toBe((await madeGroup())?.inviteLink);
  });

  it('creates a link on retry if it failed after the group was found late', async () => {
    await gateway.sandbox.behave({ unlistedMs: 1_500 });
    await gateway.sandbox.fault({
      action: LINK.action,
      kind: 'reject',
      code: 'InvalidParameter.Link',
      count: 1,
    });
    const one = withContent(CREATE, { withInviteLink: true });
    const key = newKey();
    const pending = await askWithKey(gateway, transport, one, target, key);
    expect(pending.data.status ?? pending.data.operation.status).toBe('PENDING');
    const made = await eventually(async () => {
      const again = await askWithKey(gateway, transport, one, target, key);
      return groupIn(again.data)?.inviteLink ? again : undefined;
    });
    expect([made.replayed, groupIn(made.data).subject]).toEqual([true, target.subject]);
    expect(await gateway.sandbox.calls(LINK.action)).toHaveLength(2);
    expect(await gateway.sandbox.calls(CREATE.action)).toHaveLength(1);
  });
});

/** Returns the created group as CAMS has it. */
async function madeGroup(): Promise<SandboxGroup | undefined> {
  return (await gateway.sandbox.groups(ACME)).find(({ subject }) => subject === target.subject);
}

/** Returns the invite link error that was returned with the group, if any. */
function linkErrorOf(transport: Transport, body: Json): Json {
  if (transport === 'REST') return body.inviteLinkError;
  const [error] = body.errors ?? [];
  if (error) expect(error.path).toEqual(['createChatGroup', 'chatGroup', 'inviteLink']);
  return error?.extensions;
}
