import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql as apolloGql } from '@apollo/client/core';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Exchange, Client, cacheExchange, fetchExchange, gql } from '@urql/core';
import { cacheExchange as graphcache } from '@urql/exchange-graphcache';
import { persistedExchange } from '@urql/exchange-persisted';
import { GraphQLClient } from 'graphql-request';
import { createHash } from 'node:crypto';
import { ACME, ACME_KEY, type Json, type TestGateway, startTestGateway } from '../support/gateway.js';

const LIST = `query Groups($number: String!, $first: Int) {
  chatGroups(businessNumber: $number, first: $first) {
    totalCount
    nodes { id subject }
    pageInfo { hasNextPage endCursor }
  }
}`;
const CREATE = `mutation Create($input: CreateChatGroupInput!) {
  createChatGroup(input: $input) { operation { id status } chatGroup { id subject } }
}`;
const VARIABLES = { number: ACME.businessNumber, first: 3 };
const CREDENTIALS = { authorization: `Bearer ${ACME_KEY}` };
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

let gateway: TestGateway;
let url: string;

beforeAll(async () => {
  gateway = await startTestGateway({ CACHE_FRESH_MS: '3600000' });
  url = `${gateway.url}/graphql`;
});
afterAll(() => gateway.close());

/** What a client sent, and the status that it received. */
interface Call {
  readonly method: string;
  readonly sendsText: boolean;
  readonly sendsHash: boolean;
  readonly status: number;
}
const calls: Call[] = [];
beforeEach(() => {
  calls.length = 0;
});

/** Node's `fetch`, which records what clients send. */
const recordingFetch: typeof fetch = async (input, init) => {
  const target = new URL(input instanceof Request ? input.url : input);
  const response = await fetch(input, init);
  const method = init?.method ?? 'GET';
  const body = typeof init?.body === 'string' ? (JSON.parse(init.body) as Record<string, unknown>) : {};
  const sends = (name: string): boolean => target.searchParams.has(name) || Boolean(body[name]);
  calls.push({ method, sendsText: sends('query'), sendsHash: sends('extensions'), status: response.status });
  return response;
};
const methods = (): string[] => calls.map(({ method, status }) => `${method} ${status}`);

describe('urql', () => {
  const client = (...exchanges: Exchange[]): Client =>
    new Client({ url, fetch: recordingFetch, fetchOptions: { headers: CREDENTIALS }, exchanges });
  const document = gql(LIST);

  it('lists groups with its defaults, which send GET', async () => {
    const result = await client(cacheExchange, fetchExchange).query(document, VARIABLES);
    expect(result.error).toBeUndefined();
    expect(result.data.chatGroups.nodes).toHaveLength(3);
    expect(methods()).toEqual(['GET 200']);
  });

  it('creates a group, and lists with a normalized cache', async () => {
    const urql = client(graphcache({}), fetchExchange);
    const input = { businessNumber: ACME.businessNumber, subject: 'Made by urql' };
    const created = await urql.mutation(gql(CREATE), { input });
    expect([created.error, created.data.createChatGroup.operation.status]).toEqual([undefined, 'SUCCEEDED']);
    const listed = await urql.query(document, VARIABLES);
    expect(listed.data.chatGroups.nodes[0].subject).toEqual(expect.any(String));
    expect(methods()).toEqual(['POST 200', 'GET 200']);
  });

  it.each([true, false])('sends persisted queries: by GET %s', async (preferGetForPersistedQueries) => {
    const number = preferGetForPersistedQueries ? 'A' : 'B';
    const query = gql(LIST.replace('Groups', `Persisted${number}`));
    const urql = client(persistedExchange({ preferGetForPersistedQueries }), fetchExchange);
    for (const _ of [1, 2]) {
      const result = await urql.query(query, VARIABLES, { requestPolicy: 'network-only' });
      expect([result.error, result.data.chatGroups.nodes.length]).toEqual([undefined, 3]);
    }
    expect(calls.map(({ sendsHash, status }) => [sendsHash, status])).toEqual([
      [true, 200],
      [true, 200],
      [true, 200],
    ]);
    expect(calls.map(({ sendsText }) => sendsText)).toEqual([false, true, false]);
  });

  it('reports a refusal with its code', async () => {
    const { error } = await client(fetchExchange).query(gql('{ operation(id: "op_lost") { id } }'), {});
    expect(error?.graphQLErrors[0]?.extensions['code']).toBe('NOT_FOUND');
  });
});

describe('Apollo Client', () => {
  const client = (link: ApolloLink): ApolloClient => new ApolloClient({ link, cache: new InMemoryCache() });
  const http = (useGETForQueries: boolean): HttpLink =>
    new HttpLink({ uri: url, fetch: recordingFetch, headers: CREDENTIALS, useGETForQueries });
  const query = apolloGql(LIST);
  const fetchPolicy = 'network-only';

  it.each([
    [false, 'POST'],
    [true, 'GET'],
  ])('lists and creates groups: useGETForQueries %s', async (useGET, method) => {
    const apollo = client(http(useGET));
    const { data } = await apollo.query<Json>({ query, variables: VARIABLES });
    expect(data.chatGroups.nodes).toHaveLength(3);
    const input = { businessNumber: ACME.businessNumber, subject: `Made by ${method}` };
    const created = await apollo.mutate<Json>({ mutation: apolloGql(CREATE), variables: { input } });
    expect(created.data.createChatGroup.chatGroup.subject).toBe(`Made by ${method}`);
    expect(methods()).toEqual([`${method} 200`, 'POST 200']);
  });

  it.each([true, false])('sends automatic persisted queries: by GET %s', async (byGet) => {
    const link = new PersistedQueryLink({ sha256, useGETForHashedQueries: byGet }).concat(http(false));
    const apollo = client(link);
    const own = apolloGql(LIST.replace('Groups', byGet ? 'HashedByGet' : 'HashedByPost'));
    for (const _ of [1, 2]) {
      const { data } = await apollo.query<Json>({ query: own, variables: VARIABLES, fetchPolicy });
      expect(data.chatGroups.nodes).toHaveLength(3);
    }
    expect(calls.map(({ sendsText }) => sendsText)).toEqual([false, true, false]);
    expect(calls.map(({ method, status }) => [method, status])).toEqual([
      [byGet ? 'GET' : 'POST', 200],
      ['POST', 200],
      [byGet ? 'GET' : 'POST', 200],
    ]);
  });

  it('sends the text of a mutation that is not persisted yet by POST', async () => {
    const link = new PersistedQueryLink({ sha256, useGETForHashedQueries: true }).concat(http(false));
    const input = { businessNumber: ACME.businessNumber, subject: 'Made with a hash' };
    const { data } = await client(link).mutate<Json>({ mutation: apolloGql(CREATE), variables: { input } });
    expect(data.createChatGroup.chatGroup.subject).toBe('Made with a hash');
    expect(calls.map(({ method }) => method)).toEqual(['POST', 'POST']);
  });
});

describe('graphql-request', () => {
  it.each([
    ['POST', {}],
    ['GET', { method: 'GET', jsonSerializer: JSON }],
  ] as const)('lists groups by %s', async (method, options) => {
    const client = new GraphQLClient(url, { ...options, fetch: recordingFetch, headers: CREDENTIALS });
    const data = await client.request(LIST, VARIABLES);
    expect(data.chatGroups.nodes).toHaveLength(3);
    expect(methods()).toEqual([`${method} 200`]);
  });
});
