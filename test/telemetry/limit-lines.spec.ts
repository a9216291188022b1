import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { ACME_KEY, type Answer, GLOBEX_KEY, type Json } from '../support/gateway.js';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway-process.js';

const PROXY = { TRUST_PROXY: '127.0.0.1', TENANTS_FILE: 'test/support/tenants.quotas.yaml' };

let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startGatewayProcess(PROXY, ACME_KEY);
});
afterAll(() => gateway.close());

/** Returns the log line of a request. */
async function lineOf({ headers }: Answer): Promise<Json> {
  const id = headers.get('x-request-id') ?? '';
  return eventually(async () => {
    const lines = gateway.output().split('\n');
    const text = lines.find((line) => line.includes(id) && line.includes('"msg":"request"'));
    return text === undefined ? undefined : JSON.parse(text);
  });
}

describe('failed credentials', () => {
  const from = (address: string, headers: Record<string, string> = {}) => ({
    key: null,
    headers: { 'x-forwarded-for': address, ...headers },
  });

  it('are limited by the address of the client, and each line names it', async () => {
    const answers: Answer[] = [];
    for (let n = 0; n < 60; n += 1) {
      const authorization = `Bearer e30.${n}.e30`;
      const options = from('203.0.113.7', { authorization });
      answers.push(
        n % 2 === 0
          ? await gateway.rest('/v1/viewer', options)
          : await gateway.graphql('{ viewer { tenantId } }', {}, options),
      );
    }
    expect(new Set(answers.slice(0, 50).map(({ status }) => status))).toEqual(new Set([401]));
    for (const answer of answers.slice(50)) {
      expect([answer.status, Number(answer.headers.get('retry-after')) > 0]).toEqual([429, true]);
      expect(answer.text).toContain('Too many failed credentials from your address.');
    }
    for (const answer of answers)
      expect(await lineOf(answer)).toMatchObject({
        address: '203.0.113.7',
        credentialFault: 'tokens_not_configured',
        code: answer.status === 401 ? 'UNAUTHENTICATED' : 'RATE_LIMITED',
      });
  });

  it('lock out nobody: the right key still works from that address', async () => {
    const answer = await gateway.rest('/v1/viewer', from('203.0.113.7', { 'x-api-key': GLOBEX_KEY }));
    expect(answer.status).toBe(200);
    expect(await lineOf(answer)).not.toHaveProperty('address');
  });

  it.each(['8613800000001', '+86 138 0000 0001', 'chat.whatsapp.com/AbCdEf', '::1%8613800000001', ACME_KEY])(
    'are not logged with an address that is none: %s',
    async (text) => {
      const answer = await gateway.rest('/v1/viewer', from(text, { 'x-api-key': `${ACME_KEY}x` }));
      expect((await lineOf(answer))['address']).toMatch(/^(127\.0\.0\.1|::1)$/);
    },
  );

  it('from another address are not limited', async () => {
    const answer = await gateway.rest('/v1/viewer', from('203.0.113.8', { 'x-api-key': `${ACME_KEY}x` }));
    expect(answer.status).toBe(401);
    expect(await lineOf(answer)).toMatchObject({ address: '203.0.113.8', keyId: 'acme' });
  });
});

it('the line of a request over the quota of its tenant names the limit, the caller and the address', async () => {
  const answer = await eventually(async () => {
    const next = await gateway.rest('/v1/viewer', { key: GLOBEX_KEY });
    return next.status === 429 ? next : undefined;
  });
  expect(await lineOf(answer)).toMatchObject({
    code: 'RATE_LIMITED',
    limit: 'requestsPerMinute',
    limitDetail: expect.stringMatching(/^You have reached your limit of 3 requests per minute/),
    tenant: 'globex',
    principal: 'key:globex',
    address: '127.0.0.1',
  });
});
