import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ACME, READONLY_KEY, type TestGateway, startTestGateway } from '../support/gateway.js';
import { type PlainRequest, type PlainResponse, sendPlain } from '../support/plain-http.js';

const GROUPS = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;
/** Pages with groups of another status are cached for a shorter time. */
const LIST = `${GROUPS}?size=20&status=ACTIVE`;
const SMALL = `${GROUPS}?size=1&status=ACTIVE`;
const ORIGIN = 'https://app.example';
const QUERY = `query L($n: String!) {
  chatGroups(businessNumber: $n, first: 20, status: ACTIVE) { totalCount nodes { id groupId subject description inviteLink } }
}`;

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({
    CORS_ORIGINS: ORIGIN,
    CACHE_FRESH_MS: '3600000',
    CACHE_STALE_WHILE_REVALIDATE_MS: '3600000',
  });
});
afterAll(() => gateway.close());

const accepting = (coding: string | undefined, more: Record<string, string> = {}) => ({
  headers: { ...(coding !== undefined && { 'accept-encoding': coding }), ...more },
});
/** Sends a request; leaves out the time of the listing, which is fixed only once the page is memoized. */
async function get(path: string, options?: PlainRequest): Promise<PlainResponse> {
  const answer = await sendPlain(gateway.url, path, options);
  return { ...answer, text: answer.text.replace(/"asOf":"[^"]+",/, '') };
}
const list = (coding?: string, more?: Record<string, string>): Promise<PlainResponse> =>
  get(LIST, accepting(coding, more));
const query = (coding?: string, more?: Record<string, string>): Promise<PlainResponse> =>
  get('/graphql', {
    method: 'POST',
    body: { query: QUERY, variables: { n: ACME.businessNumber } },
    ...accepting(coding, more),
  });
const suffixed = (tag: string | undefined, coding: string | undefined): string =>
  coding === undefined ? String(tag) : `${String(tag).slice(0, -1)}-${coding}"`;

/** Requests the resource often enough for every layer to memoize it. */
async function warm(ask: (coding?: string) => Promise<PlainResponse>): Promise<void> {
  for (let round = 0; round < 3; round += 1)
    for (const coding of [undefined, 'gzip', 'br']) await ask(coding);
}

describe('a list', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['identity', undefined],
    ['deflate, zstd', undefined],
    ['gzip', 'gzip'],
    ['gzip, deflate', 'gzip'],
    ['br', 'br'],
    ['gzip, deflate, br, zstd', 'br'],
    ['br;q=0.2, gzip;q=0.8', 'gzip'],
    ['gzip;q=0', undefined],
    ['gzip;q=0, *', 'br'],
    ['*;q=0', undefined],
    ['identity;q=0', undefined],
    ['identity;q=0, gzip', 'gzip'],
    ['gzip;q=0.5, identity', undefined],
    ['x-gzip', 'gzip'],
  ])('is sent to a client with Accept-Encoding %j as %s', async (accepted, coding) => {
    const plain = await list();
    for (const method of ['GET', 'HEAD']) {
      const { status, headers, bytes, vary, text } = await get(LIST, { method, ...accepting(accepted) });
      expect(status).toBe(200);
      expect(headers['content-encoding']).toBe(coding);
      expect(headers.etag).toBe(suffixed(plain.headers.etag, coding));
      expect(headers['content-type']).toBe('application/json; charset=utf-8');
      expect(vary).toEqual(['Origin, Accept-Encoding']);
      const length = Number(headers['content-length']);
      if (method === 'HEAD') expect(bytes).toHaveLength(0);
      else expect([length, text]).toEqual([bytes.length, plain.text]);
      if (coding === undefined) expect(length).toBe(plain.bytes.length);
      else expect(length).toBeLessThan(plain.bytes.length / 2);
    }
  });

  it.each([undefined, 'gzip', 'br'])('is not sent again in any variant, accepting %s', async (coding) => {
    const { headers } = await list(coding);
    const tag = headers.etag ?? '';
    const state = (await list()).headers.etag ?? '';
    const variants = [state, suffixed(state, 'gzip'), suffixed(state, 'br')];
    for (const known of [...variants, ...variants.map((one) => `W/${one}`), `"other", ${state}`, '*']) {
      for (const method of ['GET', 'HEAD']) {
        const answer = await get(LIST, { method, ...accepting(coding, { 'if-none-match': known }) });
        expect([answer.status, answer.headers.etag, answer.bytes.length]).toEqual([304, tag, 0]);
        expect(answer.vary).toEqual(['Origin, Accept-Encoding']);
        expect(answer.headers['content-encoding']).toBeUndefined();
        expect(answer.headers['content-type']).toBeUndefined();
      }
    }
    for (const other of ['"other-gzip"', 'W/"other"', suffixed(state, 'deflate')])
      expect((await list(coding, { 'if-none-match': other })).status).toBe(200);
  });

  it('is sent as it is if it has up to 1 KiB', async () => {
    const { headers, text, vary } = await get(SMALL, accepting('gzip'));
    expect(text.length).toBeLessThan(1024);
    expect(headers['content-encoding']).toBeUndefined();
    expect(headers.etag).toMatch(/^"[\w-]{22}"$/);
    expect(vary).toEqual(['Origin, Accept-Encoding']);
    const again = await get(SMALL, accepting('gzip', { 'if-none-match': `W/${headers.etag}` }));
    expect([again.status, again.headers.etag]).toEqual([304, headers.etag]);
  });

  it('is compressed separately for callers who see different fields', async () => {
    await warm(list);
    const reader = await get(LIST, { key: READONLY_KEY, ...accepting('gzip') });
    expect(reader.text).not.toContain('https://chat.whatsapp.com');
    expect((await list('gzip')).text).toContain('https://chat.whatsapp.com');
    expect((await get(LIST, { key: READONLY_KEY, ...accepting('gzip') })).text).toBe(reader.text);
  });

  it('is compressed again after a write', async () => {
    await warm(list);
    const { data } = JSON.parse((await list('gzip')).text) as { data: { groupId: string }[] };
    const path = `${GROUPS}/${data[0]?.groupId}`;
    const before = await list('gzip');
    await get(path, { method: 'PATCH', body: { subject: 'Compressed again' } });
    const after = await list('gzip');
    expect(after.text).toContain('Compressed again');
    expect(after.headers.etag).not.toBe(before.headers.etag);
  });
});

describe('a GraphQL response', () => {
  it.each([undefined, 'gzip', 'br'])('is the same from every path, accepting %s', async (coding) => {
    // Apollo responds first, then the fast path, then its memo.
    const answers = [];
    for (let round = 0; round < 4; round += 1) answers.push(await query(coding));
    for (const { status, headers, bytes, text, vary } of answers) {
      expect(status).toBe(200);
      expect(headers['content-encoding']).toBe(coding);
      expect(headers['content-length']).toBe(String(bytes.length));
      expect(headers['content-type']).toBe('application/json; charset=utf-8');
      expect(vary).toEqual(['Origin, Accept-Encoding']);
      expect(text).toBe(answers[0]?.text);
    }
    expect((await query()).text).toBe(answers[0]?.text);
  });

  it('is compressed with its own media type', async () => {
    const type = 'application/graphql-response+json';
    for (let round = 0; round < 2; round += 1) {
      const { headers } = await query('gzip', { accept: type });
      expect([headers['content-encoding'], headers['content-type']]).toEqual([
        'gzip',
        `${type}; charset=utf-8`,
      ]);
    }
  });
});

describe('is never compressed:', () => {
  it('an error', async () => {
    const many = Array.from({ length: 60 }, (_, index) => `unknown${index}=1`).join('&');
    const rest = await get(`${GROUPS}?${many}`, accepting('gzip, br'));
    const document = `{ viewer { ${Array.from({ length: 30 }, (_, index) => `unknown${index}`).join(' ')} } }`;
    const graphql = await get('/graphql', {
      method: 'POST',
      body: { query: document },
      ...accepting('gzip, br', { accept: 'application/graphql-response+json' }),
    });
    for (const { status, headers, bytes } of [rest, graphql]) {
      expect([status, headers['content-encoding']]).toEqual([400, undefined]);
      expect(bytes.length).toBeGreaterThan(1024);
    }
  });

  it('the response to a write, which repeats its input beside the invite link', async () => {
    const description = 'A long description. '.repeat(80);
    const { data } = JSON.parse((await list()).text) as { data: { groupId: string; id: string }[] };
    const [first, second] = data;
    const rest = await get(`${GROUPS}/${first?.groupId}`, {
      method: 'PATCH',
      body: { description },
      ...accepting('gzip, br'),
    });
    const mutation = `mutation U($input: UpdateChatGroupInput!) {
      updateChatGroup(input: $input) { chatGroup { description inviteLink } }
    }`;
    const graphql = await get('/graphql', {
      method: 'POST',
      body: { query: mutation, variables: { input: { id: second?.id, description } } },
      ...accepting('gzip, br'),
    });
    for (const { status, headers, text } of [rest, graphql]) {
      expect([status, headers['content-encoding']]).toEqual([200, undefined]);
      expect(text).toContain(description.trim());
    }
  });
});

it('compresses the OpenAPI document', async () => {
  const plain = await get('/openapi.json');
  const packed = await get('/openapi.json', accepting('gzip'));
  expect(packed.headers['content-encoding']).toBe('gzip');
  expect(packed.text).toBe(plain.text);
  expect(packed.bytes.length).toBeLessThan(plain.bytes.length / 4);
});

it('leaves other representations alone', async () => {
  const page = await get('/nowhere', accepting('gzip', { accept: 'text/html' }));
  expect([page.headers['content-type'], page.headers['content-encoding']]).toEqual([
    'text/html; charset=utf-8',
    undefined,
  ]);
});
