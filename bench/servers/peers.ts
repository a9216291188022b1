import { Cams } from '../peers/cams.js';
import { AUDIENCE, ISSUER } from '../data/tokens.js';
import { MAIN_GROUPS } from '../data/upstream.js';
import { MAIN_SCOPES } from '../data/scopes.js';
import type { Program } from './child.js';
import type { Ground } from './ground.js';

/** The stock peer, with a Redis of its own and the same upstream. */
export async function stockProgram(ground: Ground): Promise<Omit<Program, 'output'>> {
  const redis = await ground.redis('--maxmemory', '1gb', '--maxmemory-policy', 'volatile-ttl');
  return peer(ground, 'stock', {
    REDIS_URL: redis.url,
    CAMS_ENDPOINT: new URL(ground.upstream.url).host,
    JWT_ISSUER: ISSUER,
    JWT_AUDIENCE: AUDIENCE,
    JWT_PUBLIC_KEY_FILE: ground.file('public-key.pem'),
  });
}

/** A peer that has the groups of the main scopes in memory. */
export async function memoryProgram(
  ground: Ground,
  name: 'mercurius' | 'fastify' | 'fastify-etag' | 'node-http',
): Promise<Omit<Program, 'output'>> {
  const cams = new Cams(new URL(ground.upstream.url).host);
  const lists = await Promise.all(
    MAIN_SCOPES.map(async (scope) => (await cams.list(scope, { Index: 1, Size: MAIN_GROUPS })).groups),
  );
  return peer(ground, name, { GROUPS_FILE: ground.write('groups.json', JSON.stringify(lists.flat())) });
}

function peer(ground: Ground, name: string, settings: Program['settings']): Omit<Program, 'output'> {
  return {
    words: ['--import', ground.path('scripts/typescript.mjs'), ground.path(`bench/peers/${name}/main.ts`)],
    settings,
  };
}
