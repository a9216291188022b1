import { expect, it } from '@jest/globals';
import { ACME, type Answer, GLOBEX_KEY, startTestGateway } from '../support/gateway.js';

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

it('a response of CAMS counts as one request more per 64 KiB, whatever the client selects', async () => {
  const gateway = await startTestGateway({ TENANTS_FILE });
  try {
    const count = 100;
    await gateway.sandbox.createGroups(count, {
      ...ACME,
      subject: 'Large',
      description: '\u6f22'.repeat(1_000),
    });
    const from = leftOf(await gateway.rest('/v1/viewer'));
    const list = `/v1/spaces/${ACME.custSpaceId}/numbers/${ACME.businessNumber}/groups?size=1&subject=Large`;
    expect((await gateway.rest(list)).body.data).toHaveLength(1);
    const used = from - leftOf(await gateway.rest('/v1/viewer'));
    // Two requests that count as one each, and 3 bytes for each character. The first chunk of a response is not counted.
    const counted = [count * 3_000 - 64 * 1024, count * 4_000];
    const [least, most] = counted.map((bytes) => 2 + Math.floor(bytes / (64 * 1024)));
    expect(used).toBeGreaterThanOrEqual(least ?? 0);
    expect(used).toBeLessThanOrEqual(most ?? 0);
    expect(leftOf(await gateway.rest(list))).toBe(from - used - 1);
  } finally {
    await gateway.close();
  }
});
