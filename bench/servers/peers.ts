import { Cams } from '../peers/cams.js';
import { AUDIENCE, ISSUER } from '../data/tokens.js';
import { MAIN_GROUPS } from '../data/upstream.js';
import { MAIN_SCOPES, SHORT_SCOPES } from '../data/scopes.js';
import type { Program } from './child.js';
import type { Environment } from './environment.js';
import { projectPath } from './project.js';

/** The stock peer, with its own Redis and the same upstream. */
export async function stockProgram(environment: Environment): Promise<Omit<Program, 'output'>> {
  const redis = await environment.redis('--maxmemory', '1gb', '--maxmemory-policy', 'volatile-ttl');
  return peer('stock', {
    REDIS_URL: redis.url,
    CAMS_ENDPOINT: new URL(environment.upstream.url).host,
    JWT_ISSUER: ISSUER,
    JWT_AUDIENCE: AUDIENCE,
    JWT_PUBLIC_KEY_FILE: environment.file('public-key.pem'),
  });
}

/** A peer that holds the groups of the main and short scopes in memory. */
export async function memoryProgram(
  environment: Environment,
  name: 'mercurius' | 'fastify' | 'fastify-etag' | 'fastify-compress' | 'fastify-7-fields' | 'node-http',
): Promise<Omit<Program, 'output'>> {
  const cams = new Cams(new URL(environment.upstream.url).host);
  const lists = await Promise.all(
    [...MAIN_SCOPES, ...SHORT_SCOPES].map(
      async (scope) => (await cams.list(scope, { Index: 1, Size: MAIN_GROUPS })).groups,
    ),
  );
  return peer(name, {
    GROUPS_FILE: environment.write('groups.json', JSON.stringify(lists.flat())),
  });
}

function peer(name: string, env: Program['env']): Omit<Program, 'output'> {
  return {
    args: ['--import', projectPath('scripts/typescript.mjs'), projectPath(`bench/peers/${name}/main.ts`)],
    env,
  };
}
