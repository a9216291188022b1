import type { Scope } from '../data/scopes.js';
import type { Tokens } from '../data/tokens.js';

/** One request, the same for every server. */
export interface LoadRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A GraphQL request, sent by the owner of the scope. */
export function graphql(
  tokens: Tokens,
  { custSpaceId }: Pick<Scope, 'custSpaceId'>,
  query: string,
  variables: Readonly<Record<string, unknown>>,
): LoadRequest {
  return {
    method: 'POST',
    path: '/graphql',
    headers: { ...bearer(tokens, custSpaceId), 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  };
}

/** The first page of a scope over REST, requested by its owner. */
export function restList(
  tokens: Tokens,
  { custSpaceId, businessNumber }: Scope,
  size: number,
  headers: Readonly<Record<string, string>> = {},
): LoadRequest {
  return {
    method: 'GET',
    path: `/v1/spaces/${custSpaceId}/numbers/${businessNumber}/groups?page=1&size=${size}`,
    headers: { ...bearer(tokens, custSpaceId), ...headers },
  };
}

function bearer(tokens: Tokens, custSpaceId: string): { readonly authorization: string } {
  return { authorization: `Bearer ${tokens.of(custSpaceId)}` };
}
