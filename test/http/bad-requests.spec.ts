import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ERRORS } from '../../src/errors/catalogue.js';
import { CREATE, REMOVE, UPDATE, send, verdict } from '../support/bad-input.js';
import {
  ACME,
  ACME_KEY,
  type RequestOptions,
  type TestGateway,
  startTestGateway,
} from '../support/gateway.js';
import { TRANSPORTS, type Target, arrangeGroup, learn } from '../support/operations.js';

let gateway: TestGateway;
let target: Target;

beforeAll(async () => {
  gateway = await startTestGateway({ TENANTS_FILE: 'test/support/tenants.quotas.yaml' });
  target = await arrangeGroup(gateway, ACME);
  await learn(gateway, target);
});
afterAll(() => gateway.close());
beforeEach(() => gateway.sandbox.forgetCalls());

const LIST = '/v1/spaces/cams-acme/numbers/8613800000001/groups';
const LIST_QUERY = `query ($custSpaceId: ID, $businessNumber: String = "8613800000001", $status: ChatGroupStatus,
  $subject: String, $first: Int, $after: String, $last: Int, $before: String, $offset: Int) {
  chatGroups(custSpaceId: $custSpaceId, businessNumber: $businessNumber, status: $status, subject: $subject,
    first: $first, after: $after, last: $last, before: $before, offset: $offset) { totalCount pageInfo { endCursor } }
}`;

const cursor = async (variables: Record<string, unknown>, options: RequestOptions = {}): Promise<string> => {
  const { body } = await gateway.graphql(LIST_QUERY, { first: 5, ...variables }, options);
  return String(body.data.chatGroups.pageInfo.endCursor);
};

describe('invalid parameters', () => {
  afterEach(async () => {
    expect(await gateway.sandbox.actions()).toEqual([]);
  });

  const LONG = 'a'.repeat(200);
  const HUGE = 'a'.repeat(4_000);

  it.each([
    ['size=101', ['size']],
    ['size=0', ['size']],
    ['size=-1', ['size']],
    ['size=1e1', ['size']],
    ['size=', ['size']],
    ['size=1&size=2', ['size']],
    ['size[]=1', ['size[]']],
    ['page=0', ['page']],
    ['page=x', ['page']],
    ['page=1.5', ['page']],
    ['page=0x10', ['page']],
    ['page=99999999999', ['page']],
    ['page=0&size=0&status=UNKNOWN&colour=red', ['colour', 'page', 'size', 'status']],
    ['status=UNKNOWN', ['status']],
    ['status=active', ['status']],
    ['status=ACTIVE&status=INACTIVE', ['status']],
    ['subject=', ['subject']],
    ['subject=a%00b', ['subject']],
    ['subject=a&subject=b', ['subject']],
    [`subject=${LONG}`, ['subject']],
    [`subject=${HUGE}`, ['subject']],
    ['toString=1', ['toString']],
    ['__proto__=1', ['__proto__']],
    ['first=5', ['first']],
  ])('are named in REST errors: %.60s', async (query, fields) => {
    const found = verdict(await gateway.rest(`${LIST}?${query}`));
    expect([found.answer.status, found.codes, found.fields]).toEqual([400, ['VALIDATION_FAILED'], fields]);
  });

  it.each([
    [{ first: 0 }, ['first']],
    [{ first: 101 }, ['first']],
    [{ first: -5, last: 101 }, ['first', 'last']],
    [{ first: 1.5 }, ['first']],
    [{ first: '5' }, ['first']],
    [{ first: 2 ** 40 }, ['first']],
    [{ offset: -1 }, ['offset']],
    [{ first: 1, last: 1 }, ['first', 'last']],
    [{ offset: 1, after: 'x' }, ['after']],
    [{ offset: 1, last: 1, before: 'x' }, ['before', 'last']],
    [{ after: 'garbage' }, ['after']],
    [{ before: 'YzE6NTphYWFhYWFhYWFhYWE' }, ['before']],
    [{ after: 'a'.repeat(200), before: 'garbage' }, ['after', 'before']],
    [{ after: HUGE, before: HUGE }, ['after', 'before']],
    [{ after: '' }, ['after']],
    [{ status: 'UNKNOWN' }, ['status']],
    [{ status: 'active' }, ['status']],
    [{ subject: LONG, custSpaceId: LONG }, ['custSpaceId', 'subject']],
    [{ subject: '\ud800' }, ['subject']],
    [{ businessNumber: '1234' }, ['businessNumber']],
    [{ businessNumber: null }, ['businessNumber']],
    [{ businessNumber: ['8613800000001'] }, ['businessNumber']],
    [{ custSpaceId: 'a b' }, ['custSpaceId']],
  ] as const)('are named in GraphQL errors: %#', async (variables, fields) => {
    const found = verdict(await gateway.graphql(LIST_QUERY, variables));
    expect([found.codes, found.fields]).toEqual([['VALIDATION_FAILED'], fields]);
  });

  it.each([
    [`/v1/spaces/${LONG}/numbers/8613800000001/groups`, 'custSpaceId'],
    [`/v1/spaces/${HUGE}/numbers/8613800000001/groups`, 'path'],
    ['/v1/spaces/a%20b/numbers/8613800000001/groups', 'custSpaceId'],
    ['/v1/spaces/a%00b/numbers/8613800000001/groups', 'custSpaceId'],
    ['/v1/spaces/cams-acme/numbers/1234/groups', 'businessNumber'],
    ['/v1/spaces/cams-acme/numbers/++8613800000001/groups', 'businessNumber'],
    [`/v1/spaces/cams-acme/numbers/${'1'.repeat(200)}/groups`, 'businessNumber'],
    [`${LIST}/${'a'.repeat(300)}`, 'groupId'],
    [`${LIST}/${HUGE}`, 'path'],
    [`${LIST}/a%20b/participants`, 'groupId'],
    [`/v1/operations/${LONG}`, 'id'],
    [`/v1/operations/${HUGE}`, 'path'],
    ['/v1/operations/%E0%A4%A', 'path'],
  ])('are named if they are in the path: %#', async (path, field) => {
    const found = verdict(await gateway.rest(path));
    expect([found.answer.status, found.codes, found.fields]).toEqual([400, ['VALIDATION_FAILED'], [field]]);
    expect(found.answer.headers.get('content-type')).toContain('application/problem+json');
  });

  it.each(['garbage', '', ' ', LONG, HUGE, 'ZzEAYQBiAGM', 'a\u0000b', '../../etc/passwd'])(
    'are named if they are group IDs: %#',
    async (id) => {
      const found = verdict(await gateway.graphql('query ($id: ID!) { chatGroup(id: $id) { id } }', { id }));
      expect([found.codes, found.fields]).toEqual([['VALIDATION_FAILED'], ['id']]);
    },
  );
});

it('refuses the cursor of another listing', async () => {
  const globex = { businessNumber: '8613900000001' };
  const cursors = [
    await cursor({ status: 'ACTIVE' }),
    await cursor({ subject: 'e' }),
    await cursor(globex, { key: `cgk_globex.${'B'.repeat(43)}` }),
  ];
  await gateway.sandbox.forgetCalls();
  for (const after of cursors) {
    const found = verdict(await gateway.graphql(LIST_QUERY, { after }));
    expect([found.codes, found.fields]).toEqual([['VALIDATION_FAILED'], ['after']]);
  }
  expect(await gateway.sandbox.actions()).toEqual([]);
});

describe('an invalid body', () => {
  afterEach(async () => {
    expect(await gateway.sandbox.actions()).toEqual([]);
  });

  const CALLS = [
    ['POST', () => CREATE.rest(target).path],
    ['PATCH', () => UPDATE.rest(target).path],
    ['POST', () => REMOVE.rest(target).path],
    ['POST', () => '/graphql'],
  ] as const;
  const each = async (options: RequestOptions): Promise<(readonly [number, readonly string[]])[]> =>
    Promise.all(
      CALLS.map(async ([method, path]) => {
        const { answer, codes } = verdict(await gateway.rest(path(), { method, ...options }));
        return [answer.status, codes] as const;
      }),
    );
  const all = (status: number, code: string): (readonly [number, readonly string[]])[] =>
    CALLS.map(() => [status, [code]]);

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'nonsense',
  ])('of type %s is refused', async (type) => {
    expect(await each({ body: '{"subject":"x"}', headers: { 'content-type': type } })).toEqual(
      all(415, 'UNSUPPORTED_MEDIA_TYPE'),
    );
  });

  it.each(['gzip', 'br', 'GZIP, identity'])('with the coding %s is refused', async (coding) => {
    const headers = { 'content-encoding': coding };
    expect(await each({ body: '{"subject":"x"}', headers })).toEqual(all(415, 'UNSUPPORTED_MEDIA_TYPE'));
  });

  it('without a content type is refused', async () => {
    for (const [method, path] of CALLS) {
      const body = new Blob(['{"subject":"x"}']);
      const answer = await fetch(gateway.url + path(), { method, body, headers: { 'x-api-key': ACME_KEY } });
      expect(answer.status).toBe(415);
      const text = await answer.text();
      expect(text).toContain('UNSUPPORTED_MEDIA_TYPE');
    }
  });

  it.each(['{', '{"subject":}', 'undefined', '{"a":1}{"b":2}', "{'subject':'x'}", '\u0000', ' '])(
    'that is not JSON is refused: %j',
    async (body) => {
      expect(await each({ body })).toEqual(all(400, 'VALIDATION_FAILED'));
    },
  );

  it.each(['[]', '[{"subject":"x"}]', '"subject"', '5', 'true', 'null'])(
    'that is not an object is refused: %s',
    async (body) => {
      expect(await each({ body })).toEqual(all(400, 'VALIDATION_FAILED'));
    },
  );

  it('that is empty or missing is refused', async () => {
    expect(await each({ body: '' })).toEqual(all(400, 'VALIDATION_FAILED'));
    expect(await each({})).toEqual(all(400, 'VALIDATION_FAILED'));
  });

  it('of 2 MB is refused', async () => {
    const body = JSON.stringify({ subject: 'x'.repeat(2_000_000) });
    expect(await each({ body })).toEqual(all(413, 'PAYLOAD_TOO_LARGE'));
  });

  it.each([
    [[{ query: '{ viewer { tenantId } }' }]],
    [{ query: 5 }],
    [{ query: '{ viewer { tenantId } }', variables: 'x' }],
    [{ query: '{ viewer { tenantId } }', variables: [1] }],
    [{ query: '{ viewer { tenantId } }', operationName: 5 }],
    [{ variables: {} }],
    [{ query: '' }],
  ])('of a GraphQL request is refused: %j', async (body) => {
    const answer = await gateway.rest('/graphql', { method: 'POST', body });
    expect(answer.status).toBe(400);
    expect(answer.body.errors[0].extensions.code).toMatch(/^(VALIDATION_FAILED|QUERY_REFUSED)$/);
  });

  it('of a GraphQL request is refused in words if it is a batch', async () => {
    for (const body of [[], [{ query: '{ viewer { tenantId } }' }]]) {
      const { errors } = (await gateway.rest('/graphql', { method: 'POST', body })).body;
      expect(errors[0].extensions.code).toBe('VALIDATION_FAILED');
      expect(errors[0].message).toMatch(/^Batched requests are not supported/);
    }
  });

  it('is never accepted with a method other than GET and POST at /graphql', async () => {
    const query = `/graphql?query=${encodeURIComponent('{ viewer { tenantId } }')}`;
    for (const method of ['PUT', 'DELETE', 'PATCH']) {
      const answer = await gateway.rest(query, { method, headers: { accept: 'application/json' } });
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, POST']);
      expect(answer.body.errors[0].extensions.code).toBe('METHOD_NOT_ALLOWED');
    }
  });
});

describe('arbitrary input', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme' }),
    fc.constant('\ud800'),
  );
  const value = fc.oneof(text, fc.jsonValue(), fc.array(text), fc.constantFrom('8613700000099', null, {}));
  const name = fc.constantFrom(
    'subject',
    'description',
    'profilePictureUrl',
    'withInviteLink',
    'phoneNumbers',
    'id',
  );
  const fields = fc.dictionary(fc.oneof({ weight: 5, arbitrary: name }, fc.string()), value, { maxKeys: 4 });

  it.each(TRANSPORTS)('leads to success or to an error of the catalogue over %s', async (transport) => {
    const call = fc.constantFrom(CREATE, UPDATE, REMOVE);
    await fc.assert(
      fc.asyncProperty(call, fields, async (one, given) => {
        const { answer, codes } = await send(gateway, transport, one, target, given);
        expect(answer.status).toBeLessThan(500);
        for (const code of codes) {
          expect(Object.keys(ERRORS)).toContain(code);
          expect(code).not.toBe('INTERNAL');
        }
        expect(answer.text).not.toMatch(/stack|node_modules|at \w+ \(|\.[jt]s:\d/);
      }),
      { numRuns: 150 },
    );
  });
});
