import { expect, it } from '@jest/globals';
import { type Answer, GLOBEX_KEY, startTestGateway } from '../support/gateway.js';

const QUERY = `{
  chatGroups(businessNumber: "8613900000001", first: 100) { nodes { id subject description inviteLink profilePictureUrl groupLink status etag } edges { node { id } } }
}`;

const TENANTS_FILE = 'test/support/tenants.quotas.yaml';
/** Requests per minute of the tenant. */
const LIMIT = 3;

const leftOf = ({ headers }: Answer): number => Number(/;r=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1]);

it.each([0, 1, LIMIT - 1])(
  'after %i others, a response that counts as more than is left passes, and uses up what is left',
  async (others) => {
    const gateway = await startTestGateway({ TENANTS_FILE });
    try {
      for (let n = 0; n < others; n += 1)
        expect((await gateway.rest('/v1/viewer', { key: GLOBEX_KEY })).status).toBe(200);
      const headers = { 'GraphQL-Cost': 'include' };
      const large = await gateway.graphql(QUERY, {}, { key: GLOBEX_KEY, headers });
      expect(large.body.extensions.cost.responseBytes).toBeGreaterThan(LIMIT * 32 * 1024);
      expect([large.status, large.body.errors, leftOf(large)]).toEqual([200, undefined, 0]);
      const refused = await gateway.graphql(QUERY, {}, { key: GLOBEX_KEY });
      expect([refused.status, refused.body.errors[0].message]).toEqual([
        429,
        `You have reached your limit of ${LIMIT} requests per minute.`,
      ]);
    } finally {
      await gateway.close();
    }
  },
);

it('a response counts as one request per 32 KiB of its predicted size', async () => {
  const gateway = await startTestGateway({ TENANTS_FILE });
  try {
    const before = await gateway.rest('/v1/viewer');
    const headers = { 'GraphQL-Cost': 'include' };
    for (const query of [QUERY.replaceAll('86139', '86138'), '{ viewer { tenantId } }']) {
      const from = leftOf(await gateway.rest('/v1/viewer'));
      const answer = await gateway.graphql(query, {}, { headers });
      const units = Math.ceil(answer.body.extensions.cost.responseBytes / (32 * 1024));
      expect(from - leftOf(answer)).toBe(units);
    }
    expect(leftOf(before)).toBeGreaterThan(100);
  } finally {
    await gateway.close();
  }
});
