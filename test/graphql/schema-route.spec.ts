import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildSchema } from 'graphql';
import { READONLY_KEY, type TestGateway, startTestGateway } from '../support/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

describe('GET /schema.gql', () => {
  it('returns the schema to every authenticated caller', async () => {
    const { status, headers, text } = await gateway.rest('/schema.gql', { key: READONLY_KEY });
    expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
    expect(headers.get('cache-control')).toBe('private, no-cache');
    const [, ...committed] = readFileSync('schema.gql', 'utf8').split('\n');
    expect(text).toBe(committed.join('\n'));
    expect(buildSchema(text).getQueryType()?.name).toBe('Query');
  });

  it('requires credentials', async () => {
    const { status, body } = await gateway.rest('/schema.gql', { key: null });
    expect([status, body.code]).toEqual([401, 'UNAUTHENTICATED']);
  });

  it('is only available as text', async () => {
    const accepting = async (accept: string): Promise<number> =>
      (await gateway.rest('/schema.gql', { headers: { accept } })).status;
    expect(await accepting('text/plain')).toBe(200);
    expect(await accepting('text/*;q=0.5')).toBe(200);
    expect(await accepting('image/png')).toBe(406);
  });
});

it('hides the schema from introspection if that is off, but not from downloads', async () => {
  const hidden = await startTestGateway({ GRAPHQL_INTROSPECTION: 'false', GRAPHQL_IDE: 'false' });
  try {
    for (const query of ['{ __schema { types { name } } }', '{ __type(name: "ChatGroup") { name } }']) {
      const { status, body } = await hidden.graphql(query);
      expect([status, body.data]).toEqual([400, undefined]);
      expect(body.errors[0].extensions.code).toBe('QUERY_REFUSED');
      expect(body.errors[0].message).toBe(
        'Introspection is turned off. Download the schema from /schema.gql.',
      );
    }
    expect((await hidden.graphql('{ __typename viewer { __typename } }')).body.data).toEqual({
      __typename: 'Query',
      viewer: { __typename: 'Viewer' },
    });
    const ide = await hidden.rest('/graphql', { headers: { accept: 'text/html' } });
    expect(ide.status).toBe(406);
    expect((await hidden.rest('/schema.gql')).text).toContain('type Query {');
  } finally {
    await hidden.close();
  }
});
