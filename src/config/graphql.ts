import type { EnvReader } from './env-reader.js';

export interface GraphqlSettings {
  readonly introspection: boolean;
  /** Whether browsers get the IDE at `/graphql`. */
  readonly ide: boolean;
}

/** Both are on, but off in production. */
export function readGraphql(read: EnvReader): GraphqlSettings {
  return {
    introspection: read.flag('GRAPHQL_INTROSPECTION', !read.production),
    ide: read.flag('GRAPHQL_IDE', !read.production),
  };
}
