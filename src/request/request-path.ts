const GRAPHQL_PATH = '/graphql';

interface Request {
  readonly url: string;
}

/**
 * The target of a request as the router reads it, in the form that all others send: without a scheme and an authority,
 * and without a fragment. What is decided by the path must see the path that is served.
 */
export function originForm(target: string): string {
  const path = target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?#]+\/?/i, '/');
  const fragment = path.indexOf('#');
  return fragment === -1 ? path : path.slice(0, fragment);
}

/** The path of a request as the router reads it, without the query: `/gr%61phql` is `/graphql`. */
export function pathOf({ url }: Request): string {
  const end = url.indexOf('?');
  const path = end === -1 ? url : url.slice(0, end);
  if (!path.includes('%')) return path;
  try {
    return decodeURI(path);
  } catch {
    // The router refuses such a path, whatever it is taken for here.
    return path;
  }
}

/** Whether a request is for the GraphQL surface, and wants its errors in that form. */
export function isGraphql(request: Request): boolean {
  return pathOf(request) === GRAPHQL_PATH;
}
