import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ACME, type TestGateway, startTestGateway } from '../support/gateway.js';
import { Nginx } from '../support/nginx.js';
import { type PlainRequest, type PlainResponse, sendPlain } from '../support/plain-http.js';

const GROUPS = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups`;
const STRONG = /^"[\w-]{22}"$/;
const WEAK = /^W\/"[\w-]{22}"$/;

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({ CACHE_FRESH_MS: '60000' });
});
afterAll(() => gateway.close());

/** Who compresses, and the tags that the client therefore gets: of a list, and of a small group. */
describe.each([
  ['nginx', false, 'gzip', WEAK, WEAK],
  ['the gateway, or nginx if the gateway finds it too small,', true, 'gzip', /^"[\w-]{22}-gzip"$/, WEAK],
  ['nobody', true, undefined, STRONG, STRONG],
])('behind nginx, where %s compresses', (_, passesEncodings, coding, ofLists, ofGroups) => {
  let nginx: Nginx;

  beforeAll(async () => {
    nginx = await Nginx.start(gateway.url, passesEncodings);
  });
  afterAll(() => nginx.stop());

  const send = (path: string, { headers, ...more }: PlainRequest = {}): Promise<PlainResponse> =>
    sendPlain(nginx.url, path, {
      ...more,
      headers: { ...(coding !== undefined && { 'accept-encoding': coding }), ...headers },
    });
  const aGroup = async (): Promise<string> => {
    const { data } = JSON.parse((await send(`${GROUPS}?size=1`)).text) as { data: { groupId: string }[] };
    return `${GROUPS}/${data[0]?.groupId}`;
  };

  it('a list is not sent again', async () => {
    const { status, headers, text } = await send(`${GROUPS}?size=20`);
    expect([status, headers['content-encoding']]).toEqual([200, coding]);
    expect(headers.etag).toMatch(ofLists);
    expect(JSON.parse(text)).toMatchObject({ page: { index: 1, size: 20 } });
    const again = await send(`${GROUPS}?size=20`, { headers: { 'if-none-match': headers.etag ?? '' } });
    expect([again.status, again.bytes.length]).toEqual([304, 0]);
  });

  it('a group is not sent again', async () => {
    const path = await aGroup();
    const { headers } = await send(path);
    expect(headers['content-encoding']).toBe(coding);
    expect(headers.etag).toMatch(ofGroups);
    const again = await send(path, { headers: { 'if-none-match': headers.etag ?? '' } });
    expect([again.status, again.bytes.length]).toEqual([304, 0]);
  });

  it('a group is only changed if its tag is current', async () => {
    const path = await aGroup();
    const tag = (await send(path)).headers.etag ?? '';
    const patch = (match: string): Promise<PlainResponse> =>
      send(path, {
        method: 'PATCH',
        body: { subject: `Changed ${Math.random()}` },
        headers: { 'if-match': match },
      });
    const changed = await patch(tag);
    expect(changed.status).toBe(200);
    expect((await patch(tag)).status).toBe(412);
    // The response to a write has a tag, too.
    expect((await patch(changed.headers.etag ?? '')).status).toBe(200);
  });

  it('a tag with the suffix of a variant is accepted, too', async () => {
    const path = await aGroup();
    const { headers } = await send(path);
    const suffixed = `${headers.etag?.slice(0, -1)}-gzip"`;
    const write = { method: 'PATCH', body: { description: `Changed ${Math.random()}` } };
    const headersOf = (match: string) => ({ headers: { 'if-match': match } });
    expect((await send(path, { ...write, ...headersOf(`${headers.etag?.slice(0, -1)}-zip"`) })).status).toBe(
      412,
    );
    expect((await send(path, { ...write, ...headersOf(suffixed) })).status).toBe(200);
    expect((await send(path, { ...write, ...headersOf(suffixed) })).status).toBe(412);
  });
});
