import { Logger } from '@nestjs/common';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { GraphQLError, buildSchema, execute, parse, validate } from 'graphql';
import { GatewayError } from '../errors/gateway-error.js';
import { RequestContext, currentRequest } from '../request/request-context.js';
import { formatError } from './format-error.js';

const NUMBER = '8613912345678';
const schema = buildSchema(`
  enum Status { ACTIVE }
  input Inner { size: Int! }
  input SampleInput { id: ID!, size: Int, status: Status, tags: [String!], inner: Inner }
  type Query { sample(input: SampleInput, size: Int! = 1): String }
`);

/** Returns the errors of graphql-js for invalid variables or arguments, as Apollo passes them on. */
async function refusals(query: string, variables: Record<string, unknown>): Promise<GraphQLError[]> {
  const { errors = [] } = await execute({ schema, document: parse(query), variableValues: variables });
  return [...errors];
}

const asBadInput = (error: GraphQLError): ReturnType<typeof formatError> =>
  formatError({ message: error.message, extensions: { code: 'BAD_USER_INPUT' } }, error);

describe('errors of invalid variables', () => {
  const QUERY = 'query ($input: SampleInput!, $n: Int) { sample(input: $input, size: $n) }';

  it.each<[Record<string, unknown>, [string, string][]]>([
    [{}, [['input', 'is required']]],
    [{ input: null }, [['input', 'is required']]],
    [{ input: 'x' }, [['input', 'must be of type SampleInput']]],
    [{ input: {} }, [['id', 'is required']]],
    [{ input: { id: 1, size: NUMBER } }, [['size', 'must be of type Int']]],
    [{ input: { id: 1, status: NUMBER } }, [['status', 'must be of type Status']]],
    [{ input: { id: 1, status: 7 } }, [['status', 'must be of type Status']]],
    [
      { input: { id: 1, status: `" does not exist in "X${NUMBER}" enum.` } },
      [['status', 'must be of type Status']],
    ],
    [{ input: { id: 1, tags: ['a', 5] } }, [['tags[1]', 'must be of type String']]],
    [{ input: { id: 1, inner: { size: 'x' } } }, [['inner.size', 'must be of type Int']]],
    [{ input: { id: 1, inner: {} } }, [['inner.size', 'is required']]],
    [{ input: { id: 1, colour: NUMBER } }, [['colour', 'is not a known field']]],
    [
      { input: { id: [], size: 'x' } },
      [
        ['id', 'must be of type ID'],
        ['size', 'must be of type Int'],
      ],
    ],
    [{ input: { id: 1 }, n: NUMBER }, [['n', 'must be of type Int']]],
  ])('name the invalid fields without quoting values: %j', async (variables, expected) => {
    const errors = (await refusals(QUERY, variables)).map(asBadInput);
    const violations = errors.flatMap(
      ({ extensions }) => extensions?.['violations'] as { field: string; message: string }[],
    );
    expect(violations.map(({ field, message }) => [field, message])).toEqual(expected);
    expect(errors.every(({ extensions }) => extensions?.['code'] === 'VALIDATION_FAILED')).toBe(true);
    expect(JSON.stringify(errors)).not.toContain(NUMBER);
  });
});

describe('other errors', () => {
  it('name a non-null argument that received null', async () => {
    const [error] = await refusals('query ($n: Int = 5) { sample(size: $n) }', { n: null });
    const formatted = formatError(
      { message: '', path: ['sample'], extensions: { code: 'INTERNAL_SERVER_ERROR' } },
      error,
    );
    expect(formatted).toMatchObject({
      path: ['sample'],
      extensions: { code: 'VALIDATION_FAILED', violations: [{ field: 'size', message: 'is required' }] },
    });
  });

  it('do not quote literals of the document', () => {
    const [error] = validate(schema, parse(`{ sample(size: "${NUMBER}") }`));
    const formatted = formatError(
      { message: error?.message ?? '', extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
      error,
    );
    expect(formatted.extensions).toMatchObject({ code: 'QUERY_REFUSED', status: 400 });
    expect(formatted.message).not.toContain(NUMBER);
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('log the cause of an unexpected error under the ID of the request', () => {
    const log = jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
    const cause = new TypeError('secret of the house');
    currentRequest.run(new RequestContext('id-1', 1_000), () =>
      formatError({ message: cause.message, extensions: { code: 'INTERNAL_SERVER_ERROR' } }, cause),
    );
    expect(log.mock.calls).toEqual([[expect.objectContaining({ requestId: 'id-1', err: cause })]]);
  });

  it('hide the cause of an unexpected error', () => {
    jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
    const thrown = new TypeError('secret of the house');
    const formatted = formatError(
      { message: thrown.message, extensions: { code: 'INTERNAL_SERVER_ERROR', stacktrace: ['at'] } },
      thrown,
    );
    expect(formatted.extensions).toEqual({ code: 'INTERNAL', status: 500, retryable: false, requestId: '' });
    expect(JSON.stringify(formatted)).not.toContain('secret');
  });

  it('of the catalogue keep their path and locations, but not the stack trace', () => {
    const extensions = { code: 'NOT_FOUND', status: 404, requestId: 'r', retryable: false };
    const formatted = formatError(
      {
        message: 'gone',
        path: ['a'],
        locations: [],
        extensions: { ...extensions, stacktrace: ['at'], http: {} },
      },
      new Error('gone'),
    );
    expect(formatted).toEqual({ message: 'gone', path: ['a'], locations: [], extensions });
  });

  it('thrown as gateway errors keep their fields and set the error code of the request', () => {
    const context = new RequestContext('id-1', 1_000);
    const thrown = new GatewayError('CONFLICT', 'Busy.', { operationId: 'op_1' });
    const formatted = currentRequest.run(context, () =>
      formatError({ message: 'Busy.', extensions: {} }, thrown),
    );
    expect(formatted.extensions).toMatchObject({ code: 'CONFLICT', requestId: 'id-1', operationId: 'op_1' });
    expect(context.errorCode).toBe('CONFLICT');
  });

  it.each([
    ["An 'accept' header was provided for this request which does not accept", 'NOT_ACCEPTABLE'],
    ['POST body missing', 'VALIDATION_FAILED'],
  ])('of an invalid GraphQL request become catalogue errors: %s', (message, code) => {
    const formatted = formatError({ message, extensions: { code: 'BAD_REQUEST' } }, new Error(message));
    expect(formatted.extensions?.['code']).toBe(code);
  });
});
