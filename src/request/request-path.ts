const GRAPHQL_PATH = '/graphql';

interface Request {
  readonly url: string;
}

/**
 * Returns the request target in origin form, as the router needs it: without scheme, authority and fragment. Checks of
 * the path must see the same path that is routed. Any other target, such as `*`, becomes a path that does not exist:
 * the router would respond to it without running any hook.
 */
export function originForm(target: string): string {
  if (target.startsWith('/') && !target.includes('#')) return target;
  let path = target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?#]+\/?/i, '/');
  if (!/^(?:\/|https?:)/i.test(path)) path = `/${path}`;
  const fragment = path.indexOf('#');
  return fragment === -1 ? path : path.slice(0, fragment);
}

/** Returns the path of a request as the router decodes it, without the query: `/gr%61phql` is `/graphql`. */
export function pathOf({ url }: Request): string {
  const end = url.indexOf('?');
  const path = end === -1 ? url : url.slice(0, end);
  if (!path.includes('%')) return path;
  try {
    return decodeURI(path);
  } catch {
    // The router rejects such a path anyway.
    return path;
  }
}

/** Whether a request is for GraphQL and therefore expects GraphQL errors. */
export function isGraphql(request: Request): boolean {
  return pathOf(request) === GRAPHQL_PATH;
}
