import { isGraphql } from './request-path.js';

interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: { readonly accept?: string | undefined };
}

/** Parameters that make a `GET` a query, which requires credentials, whatever its `Accept` header says. */
const QUERY_PARAMETERS = ['query', 'documentId', 'extensions'];

/**
 * Returns whether a request asks for the page of the GraphQL IDE. All other requests to `/graphql` require credentials,
 * so routing and authentication must both decide by this function.
 */
export function asksForIde(request: Request): boolean {
  if (request.method !== 'GET' || !isGraphql(request)) return false;
  return /text\/html/i.test(request.headers.accept ?? '') && !hasQuery(request.url);
}

function hasQuery(url: string): boolean {
  const start = url.indexOf('?');
  if (start === -1) return false;
  const parameters = new URLSearchParams(url.slice(start));
  return QUERY_PARAMETERS.some((name) => parameters.has(name));
}
