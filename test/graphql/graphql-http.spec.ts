import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serverAudits } from 'graphql-http';
import { ACME_KEY, type TestGateway, startTestGateway } from '../support/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({ GRAPHQL_INTROSPECTION: 'true' });
});
afterAll(() => gateway.close());

const withKey: typeof fetch = (input, init) =>
  fetch(input, { ...init, headers: { 'x-api-key': ACME_KEY, ...(init?.headers as Record<string, string>) } });

describe('GraphQL over HTTP', () => {
  const audits = serverAudits({ url: () => `${gateway.url}/graphql`, fetchFn: withKey });

  it('is checked by the whole audit suite', () => {
    expect(audits.length).toBeGreaterThan(50);
  });

  it.each(audits.map((audit) => [audit.name, audit] as const))('%s', async (_, audit) => {
    const result = await audit.fn();
    // `warn` and `notice` mark recommendations that the contract does not follow.
    expect(result.status === 'error' ? result.reason : '').toBe('');
  });
});
