import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestGateway, startTestGateway } from '../support/gateway.js';

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

function request(path: string, accept: string | null, method = 'GET'): Promise<Response> {
  // Fetch adds `*/*` unless there is a header.
  return fetch(gateway.url + path, { method, headers: { accept: accept ?? '*/*' } });
}

describe('a path that does not exist', () => {
  it.each([
    ['/nothing', BROWSER],
    ['/docs/nothing', 'text/html'],
    ['/v1/nothing?a=<script>', 'application/json;q=0.5, text/html'],
  ])('is a page for a browser: %s with %s', async (path, accept) => {
    const response = await request(path, accept);
    const body = await response.text();
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toContain("style-src 'self'");
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-request-id')).toMatch(/\w/);
    expect(body).toContain('href="/"');
    expect(body).not.toContain('script');
    expect(await (await request('/another', accept)).text()).toBe(body);
  });

  it.each([
    ['*/*'],
    ['application/json'],
    ['application/problem+json, text/html'],
    ['application/json, text/plain, */*'],
    ['text/html;q=0.1, application/json'],
    ['text/html;q=0.1, */*'],
    ['text/html;q=0, */*;q=0.1'],
    ['text/*;q=0.3, application/*;q=0.4'],
    ['image/png'],
  ])('is a problem document for an API client: %s', async (accept) => {
    const response = await request('/nothing', accept);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(await response.json()).toMatchObject({ code: 'NOT_FOUND', type: '/docs/errors#NOT_FOUND' });
  });

  it.each(['POST', 'PATCH', 'DELETE'])('is a problem document for %s', async (method) => {
    const response = await request('/nothing', BROWSER, method);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
  });

  it('has the same headers for HEAD as for GET', async () => {
    const [get, head] = [await request('/nothing', BROWSER), await request('/nothing', BROWSER, 'HEAD')];
    expect([head.status, await head.text()]).toEqual([404, '']);
    for (const name of ['content-type', 'content-length', 'content-security-policy'])
      expect([name, head.headers.get(name)]).toEqual([name, get.headers.get(name)]);
  });
});

describe('other refusals of a browser', () => {
  it('are problem documents, also without credentials', async () => {
    const answer = await gateway.rest('/v1/operations/nothing', { key: null, headers: { accept: BROWSER } });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });

  it('are never a page for /graphql', async () => {
    const headers = { accept: 'text/html' };
    const answer = await gateway.rest('/graphql?query={nothing}', { headers });
    expect(answer.headers.get('content-type')).not.toContain('text/html');
  });
});
