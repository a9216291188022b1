import type { EnvReader } from './env-reader.js';

export interface GraphqlSettings {
  readonly introspection: boolean;
  /** Whether `/graphql` serves the IDE to browsers. */
  readonly ide: boolean;
}

/** Both default to on, but to off in production. */
export function readGraphql(read: EnvReader): GraphqlSettings {
  return {
    introspection: read.flag('GRAPHQL_INTROSPECTION', !read.production),
    ide: read.flag('GRAPHQL_IDE', !read.production),
  };
}
