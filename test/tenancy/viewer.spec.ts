import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ACME, type TestGateway, startTestGateway } from '../support/gateway.js';
import { type Tokens, makeTokens } from '../support/isolation-tokens.js';

let tokens: Tokens;
let gateway: TestGateway;

beforeAll(async () => {
  tokens = await makeTokens();
  gateway = await startTestGateway(tokens.settings);
});
afterAll(async () => {
  await gateway.close();
  tokens.close();
});

it.each([
  ['another permission than groups:read', 'participants:remove', ['participants:remove']],
  ['no permission at all', 'openid', []],
])('describes a caller with %s on both transports', async (_, scope, permissions) => {
  const key = await tokens.withScope(scope);
  const rest = await gateway.rest('/v1/viewer', { key });
  const query = '{ viewer { tenantId tenantName permissions spaces { custSpaceId businessNumbers } } }';
  // The second response comes from the fast path.
  for (const _time of [1, 2]) {
    const graphql = await gateway.graphql(query, {}, { key });
    expect(graphql.body.errors).toBeUndefined();
    expect(graphql.body.data.viewer).toEqual(rest.body);
  }
  expect(rest.status).toBe(200);
  expect(rest.body).toMatchObject({ tenantId: 'acme', permissions });
});

it('gives a caller without a permission nothing else', async () => {
  const key = await tokens.withScope('openid');
  const { custSpaceId, businessNumber } = ACME;
  const list = await gateway.rest(`/v1/spaces/${custSpaceId}/numbers/${businessNumber}/groups`, { key });
  expect([list.status, list.body.code]).toEqual([403, 'FORBIDDEN']);
});

it('requires credentials', async () => {
  expect((await gateway.rest('/v1/viewer', { key: null })).status).toBe(401);
});
