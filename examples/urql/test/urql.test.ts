import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { CombinedError } from '@urql/core';
import { API_KEY, type Gateway, READ_ONLY_KEY, openGateway } from '../../support/gateway.ts';
import { type ClientOptions, createClient } from '../src/client.ts';
import { createGroup, deleteGroup, listGroups, renameGroup } from '../src/groups.ts';

const NUMBER = '8613800000001';
/** The sandbox starts with 51 groups. */
const SEEDED_GROUPS = 51;

let gateway: Gateway;
let requests: { readonly method: string; readonly hasText: boolean }[] = [];

before(async () => {
  gateway = await openGateway();
});
after(() => gateway.close());

function clientFor(apiKey: string) {
  requests = [];
  const record: ClientOptions['fetch'] = (url, options) => {
    const sent = new URL(String(url)).searchParams.get('query') ?? String(options?.body ?? '');
    requests.push({ method: options?.method ?? 'GET', hasText: sent.includes('chatGroups') });
    return fetch(url, options);
  };
  return createClient({ gatewayUrl: gateway.url, apiKey, fetch: record });
}

test('the program runs', async () => {
  const env = { ...process.env, GATEWAY_URL: gateway.url };
  const { stdout } = await promisify(execFile)(process.execPath, ['src/main.ts'], { env });
  assert.match(stdout, /Created: Kyoto in May \d+\nRenamed: Kyoto in June\n/);
  const [before, after] = Array.from(stdout.matchAll(/(\d+) groups/g), ([, count]) => Number(count));
  assert.equal(after, Number(before) + 1);
});

test('lists every group once, by GET, and sends the text of the query at most once', async () => {
  const client = clientFor(API_KEY);
  const groups = await listGroups(client, NUMBER);
  assert.ok(groups.length >= SEEDED_GROUPS);
  assert.equal(new Set(groups.map(({ id }) => id)).size, groups.length);
  assert.ok(requests.every(({ method }) => method === 'GET'));
  assert.ok(requests.filter(({ hasText }) => hasText).length <= 1, JSON.stringify(requests));
});

test('serves a list from the cache until a group is created', async () => {
  const client = clientFor(API_KEY);
  await listGroups(client, NUMBER);
  const sent = requests.length;
  await listGroups(client, NUMBER);
  assert.equal(requests.length, sent);
  const created = await createGroup(client, NUMBER, 'Lisbon in spring');
  const groups = await listGroups(client, NUMBER);
  assert.ok(groups.some(({ id }) => id === created?.id));
});

test('waits for a group that CAMS lists late, and shows it in the cached list until it is deleted', async () => {
  const client = clientFor(API_KEY);
  const idsOf = async () => (await listGroups(client, NUMBER)).map(({ id }) => id);
  await listGroups(client, NUMBER);
  // Longer than the gateway waits for a new group itself.
  await gateway.set({ unlistedMs: 7_000 });
  const created = await createGroup(client, NUMBER, 'Porto, listed late').finally(() =>
    gateway.set({ unlistedMs: 0 }),
  );
  assert.ok(created);
  assert.ok((await idsOf()).includes(created.id));
  await deleteGroup(client, created.id);
  assert.ok(!(await idsOf()).includes(created.id));
});

test('shows a renamed group in the cached list, and refuses to rename it with an old ETag', async () => {
  const client = clientFor(API_KEY);
  const [group] = await listGroups(client, NUMBER);
  assert.ok(group);
  await renameGroup(client, group, 'A new subject');
  const [renamed] = await listGroups(client, NUMBER);
  assert.equal(renamed?.subject, 'A new subject');
  await assert.rejects(renameGroup(client, group, 'Another subject'), hasCode('PRECONDITION_FAILED'));
});

test('repeats a query that was refused because too much is going on', async () => {
  let refusals = 0;
  const refuseOnce: ClientOptions['fetch'] = async (url, options) => {
    if (refusals > 0) return fetch(url, options);
    refusals += 1;
    const errors = [{ message: 'Busy', extensions: { code: 'RATE_LIMITED', retryAfter: 1 } }];
    const headers = { 'Content-Type': 'application/graphql-response+json', 'Retry-After': '1' };
    return new Response(JSON.stringify({ errors }), { status: 429, headers });
  };
  const client = createClient({ gatewayUrl: gateway.url, apiKey: API_KEY, fetch: refuseOnce });
  assert.ok((await listGroups(client, NUMBER)).length > 0);
  assert.equal(refusals, 1);
});

test('reports errors with their code', async () => {
  await assert.rejects(listGroups(clientFor('cgk_acme.wrong'), NUMBER), hasCode('UNAUTHENTICATED'));
  await assert.rejects(createGroup(clientFor(READ_ONLY_KEY), NUMBER, 'No'), hasCode('FORBIDDEN'));
});

function hasCode(code: string) {
  return (error: unknown) => {
    assert.ok(error instanceof CombinedError);
    assert.equal(error.graphQLErrors[0]?.extensions.code, code, error.message);
    return true;
  };
}
