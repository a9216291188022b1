import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestGateway, startTestGateway } from '../support/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

const LIST = `query ($n: String!, $size: Int, $status: ChatGroupStatus) {
  chatGroups(businessNumber: $n, first: $size, status: $status) { totalCount }
}`;
const CREATE = `mutation ($input: CreateChatGroupInput!) {
  createChatGroup(input: $input) { operation { id } }
}`;

describe.each(['POST', 'GET'] as const)('invalid variables by %s', (method) => {
  it.each([
    [{ n: 8613800000001 }, [['n', 'must be of type String']]],
    [{ n: ['8613800000001'] }, [['n', 'must be of type String']]],
    [{ n: '8613800000001', size: '20' }, [['size', 'must be of type Int']]],
    [{ n: '8613800000001', status: 'active' }, [['status', 'must be of type ChatGroupStatus']]],
    [
      { size: 1.5, status: 7 },
      [
        ['n', 'is required'],
        ['size', 'must be of type Int'],
        ['status', 'must be of type ChatGroupStatus'],
      ],
    ],
  ])('are named in one error, with the expected types: %j', async (variables, expected) => {
    const search = new URLSearchParams({ query: LIST, variables: JSON.stringify(variables) });
    const { status, body } =
      method === 'POST'
        ? await gateway.graphql(LIST, variables)
        : await gateway.rest(`/graphql?${search.toString()}`);
    expect([status, body.errors.length, body.data]).toEqual([400, 1, undefined]);
    const { message, extensions } = body.errors[0];
    expect(message).toBe(`Invalid: ${expected.map(([field]) => field).join(', ')}.`);
    expect(extensions).toMatchObject({ code: 'VALIDATION_FAILED', status: 400 });
    expect(extensions.violations).toEqual(expected.map(([field, text]) => ({ field, message: text })));
  });
});

it('names the invalid fields of an input', async () => {
  const { body } = await gateway.graphql(CREATE, { input: { businessNumber: 5, subject: 'A', colour: 1 } });
  expect(body.errors).toHaveLength(1);
  expect(body.errors[0].extensions.violations).toEqual([
    { field: 'businessNumber', message: 'must be of type String' },
    { field: 'colour', message: 'is not a known field' },
  ]);
});
