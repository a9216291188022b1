import { request } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { REMOVE, send } from '../support/bad-input.js';
import { ACME, ACME_KEY, type Json, type TestGateway, startTestGateway } from '../support/gateway.js';
import { OPERATIONS, TRANSPORTS, type Target, arrangeGroup, ask, learn } from '../support/operations.js';

let gateway: TestGateway;
let target: Target;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());
beforeEach(async () => {
  await gateway.sandbox.reset();
  target = await arrangeGroup(gateway, ACME);
  await learn(gateway, target);
  await gateway.sandbox.forgetCalls();
});

const SPELLINGS = ['+8613800000001', '+86 (138) 0000-0001', '86.138.0000.0001', ' 8613800000001 '];
/** In GraphQL, other operations name a group by its opaque ID, which holds the digits. */
const OF_NUMBER = OPERATIONS.filter(({ ofGroup }) => !ofGroup);

describe.each(TRANSPORTS)('over %s', (transport) => {
  it.each(
    SPELLINGS.flatMap((spelling) =>
      (transport === 'REST' ? OPERATIONS : OF_NUMBER).map((one) => ({ ...one, spelling })),
    ),
  )('reads the business number "$spelling": $name', async ({ spelling, ...one }) => {
    const { error } = await ask(gateway, transport, one, { ...target, businessNumber: spelling });
    expect(error).toBeUndefined();
    const calls = await gateway.sandbox.calls();
    expect(calls.length).toBeGreaterThan(0);
    for (const { parameters } of calls) expect(parameters['BusinessNumber']).toBe(ACME.businessNumber);
  });

  it.each(transport === 'REST' ? OPERATIONS : OF_NUMBER)(
    'does not reach a number of another tenant in another spelling: $name',
    async (one) => {
      for (const businessNumber of ['+86 139 0000 0001', '+86 139 0000 0002']) {
        const { error } = await ask(gateway, transport, one, { ...target, businessNumber });
        expect(error).toMatchObject({ code: 'NOT_FOUND', status: 404 });
      }
      expect(await gateway.sandbox.actions()).toEqual([]);
    },
  );

  it.each([
    [{ phoneNumbers: ['8613700000099', '1234'] }, ['phoneNumbers[1]']],
    [{ phoneNumbers: ['x', '8613700000099', ''] }, ['phoneNumbers[0]', 'phoneNumbers[2]']],
    [{ phoneNumbers: ['8613700000099', null] }, ['phoneNumbers[1]']],
    [{ phoneNumbers: ['8613700000099', '+86 137 0000 0099'] }, ['phoneNumbers[1]']],
    [{ participantIds: [''] }, ['participantIds[0]']],
    [{ participantIds: ['US.1', 'US.2', 'US.1'] }, ['participantIds[2]']],
    [{ phoneNumbers: ['8613700000099'], participantIds: ['US.1', '+8613700000099'] }, ['participantIds[1]']],
    [{ phoneNumbers: Array.from({ length: 9 }, (_, index) => `861370000009${index}`) }, ['phoneNumbers']],
  ])('names the wrong elements of a list: %j', async (input, expected) => {
    const { codes, fields } = await send(gateway, transport, REMOVE, target, input);
    expect([codes, fields]).toEqual([['VALIDATION_FAILED'], expected]);
    expect(await gateway.sandbox.actions()).toEqual([]);
  });
});

it('shows the digits of a number in links, whatever its spelling', async () => {
  const path = `/v1/spaces/${ACME.custSpaceId}/numbers/${encodeURIComponent('+86 138-0000-0001')}/groups`;
  const { headers, body } = await gateway.rest(`${path}?size=1`);
  expect(headers.get('link')).toContain('/numbers/8613800000001/groups?page=2');
  expect(body.data[0].businessNumber).toBe(ACME.businessNumber);
  const created = await gateway.rest(path, { method: 'POST', body: { subject: 'Spelled' } });
  expect(created.headers.get('location')).toContain('/numbers/8613800000001/groups/');
});

it('takes the cursor of a list for the same number in another spelling', async () => {
  const query = `query ($businessNumber: String!, $after: String) {
    chatGroups(businessNumber: $businessNumber, first: 1, after: $after) { nodes { id } pageInfo { endCursor } }
  }`;
  const first = await gateway.graphql(query, { businessNumber: ACME.businessNumber });
  const after = first.body.data.chatGroups.pageInfo.endCursor;
  const second = await gateway.graphql(query, { businessNumber: '+86 138 0000 0001', after });
  expect(second.body.errors).toBeUndefined();
  expect(second.body.data.chatGroups.nodes).toHaveLength(1);
});

/** Sends a request with exactly these headers, and the body in chunks. */
function post(headers: Record<string, string>, chunks: readonly string[] = []): Promise<[number, Json]> {
  const { custSpaceId, businessNumber, groupId } = target;
  const path = `/v1/spaces/${custSpaceId}/numbers/${businessNumber}/groups/${groupId}/invite-link`;
  return new Promise((resolve, reject) => {
    const all = { authorization: `Bearer ${ACME_KEY}`, ...headers };
    const sent = request(gateway.url + path, { method: 'POST', headers: all }, (response) => {
      let text = '';
      response.on('data', (data: Buffer) => (text += data.toString()));
      response.on('end', () => resolve([response.statusCode ?? 0, JSON.parse(text)]));
    });
    sent.on('error', reject);
    for (const chunk of chunks) sent.write(chunk);
    sent.end();
  });
}

describe('a body of zero bytes', () => {
  const TYPES = ['text/plain', 'nonsense', 'application/x-www-form-urlencoded', 'application/json'];

  it.each([{}, ...TYPES.map((type) => ({ 'content-type': type }))])(
    'needs no media type: %j',
    async (type) => {
      expect(await post({ ...type, 'content-length': '0' })).toEqual([200, expect.anything()]);
    },
  );

  it.each(['text/plain', 'application/json'])('needs no media type in chunks: %s', async (type) => {
    const headers = { 'content-type': type, 'transfer-encoding': 'chunked' };
    expect(await post(headers)).toEqual([200, expect.anything()]);
  });

  it('is told apart from a body of another type', async () => {
    const headers = { 'content-type': 'text/plain', 'transfer-encoding': 'chunked' };
    const [status, body] = await post(headers, ['a', 'b']);
    expect([status, body.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
    expect(await gateway.sandbox.actions()).toEqual([]);
  });
});
