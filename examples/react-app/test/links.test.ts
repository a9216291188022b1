import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, gql } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { createCache } from '../src/api/cache.ts';
import { ViewerDocument } from '../src/gql/graphql.ts';
import { API_KEY, type Gateway, openGateway, startGateway } from '../../support/gateway.ts';

// The app sends every request by POST. These are the other ways of Apollo Client, which its README describes.

const LIST = gql`
  query List {
    chatGroups(businessNumber: "8613800000001", first: 5) {
      totalCount
    }
  }
`;

let gateway: Gateway;
before(async () => {
  gateway = await openGateway();
});
after(() => gateway.close());

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Runs the query twice, with a new cache each time, and returns what went over the wire: `GET hash`, `POST text`. */
async function sent(link: (http: HttpLink) => ApolloLink, useGETForQueries = false): Promise<string[]> {
  const requests: string[] = [];
  const http = new HttpLink({
    uri: `${gateway.url}/graphql`,
    useGETForQueries,
    headers: { authorization: `Bearer ${API_KEY}` },
    fetch(url, options) {
      const content = decodeURIComponent(String(url)) + String(options?.body ?? '');
      requests.push(`${options?.method} ${content.includes('totalCount') ? 'text' : 'hash'}`);
      return fetch(url, options);
    },
  });
  for (const _ of [1, 2]) {
    const client = new ApolloClient({ link: link(http), cache: createCache() });
    const { data } = await client.query<{ chatGroups: { totalCount: number } }>({ query: LIST });
    assert.ok(Number(data?.chatGroups.totalCount) >= 51);
  }
  return requests;
}

test('useGETForQueries', async () => {
  assert.deepEqual(await sent((http) => http, true), ['GET text', 'GET text']);
});

test('persisted queries by POST, then by GET', async () => {
  const post = await sent((http) => new PersistedQueryLink({ sha256 }).concat(http));
  assert.deepEqual(post.at(-1), 'POST hash');
  const get = await sent((http) =>
    new PersistedQueryLink({ sha256, useGETForHashedQueries: true }).concat(http),
  );
  assert.deepEqual(get, ['GET hash', 'GET hash']);
});

test('trusted documents: the gateway executes what codegen found in the app, and nothing else', async () => {
  const trusting = await startGateway({
    GRAPHQL_DOCUMENTS: 'trusted',
    GRAPHQL_DOCUMENTS_FILE: fileURLToPath(new URL('../src/gql/persisted-documents.json', import.meta.url)),
  });
  try {
    const http = new HttpLink({
      uri: `${trusting.url}/graphql`,
      headers: { authorization: `Bearer ${API_KEY}` },
    });
    const byHash = new PersistedQueryLink({
      generateHash: (document) => (document as unknown as HashedDocument).__meta__.hash,
    });
    const client = new ApolloClient({ link: byHash.concat(http), cache: createCache() });
    const { data } = await client.query({ query: ViewerDocument });
    assert.equal(data?.viewer.tenantName, 'Acme Travel');
    const other = new ApolloClient({ link: http, cache: createCache() });
    await assert.rejects(other.query({ query: LIST }), (error) => {
      assert.ok(CombinedGraphQLErrors.is(error));
      assert.equal(error.errors[0]?.extensions?.code, 'QUERY_REFUSED');
      return true;
    });
  } finally {
    await trusting.close();
  }
});

interface HashedDocument {
  readonly __meta__: { readonly hash: string };
}
