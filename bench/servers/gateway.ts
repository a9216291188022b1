import { readFileSync } from 'node:fs';
import { AUDIENCE, ISSUER } from '../data/tokens.js';
import type { Program } from './child.js';
import type { Environment } from './environment.js';
import type { GatewayRedis } from './run.js';

/** `NAME=value ... node words...` */
const COMMAND = /^((?:\w+=\S+ )+)node (.+)$/;

/**
 * The built gateway as `npm run start:prod` starts it, with default settings. Only the limits that protect the real CAMS are
 * raised: against the sandbox they would be what is measured.
 */
export function gatewayProgram(environment: Environment, redis: GatewayRedis): Omit<Program, 'output'> {
  const { args, env } = productionCommand(environment.path('package.json'));
  return {
    args: args.map((arg) => (arg.startsWith('dist/') ? environment.path(arg) : arg)),
    env: {
      ...env,
      PORT: '0',
      MANAGEMENT_PORT: '0',
      ...redis,
      CAMS_ENDPOINT: environment.upstream.url,
      CAMS_ACCESS_KEY_ID: 'sandbox',
      CAMS_ACCESS_KEY_SECRET: 'sandbox-secret',
      CAMS_QPS: '10000',
      CAMS_MAX_CONCURRENCY: '256',
      API_KEY_PEPPER: 'pepper-of-the-benchmark',
      TENANTS_FILE: environment.file('tenants.yaml'),
      JWT_ISSUER: ISSUER,
      JWT_AUDIENCE: AUDIENCE,
      JWT_JWKS_FILE: environment.file('jwks.json'),
    },
  };
}

function productionCommand(packageFile: string): Pick<Program, 'args' | 'env'> {
  const { scripts } = JSON.parse(readFileSync(packageFile, 'utf8')) as { scripts: Record<string, string> };
  const [, env, args] = COMMAND.exec(scripts['start:prod'] ?? '') ?? [];
  if (env === undefined || args === undefined) throw new Error('start:prod does not start node.');
  return {
    args: args.split(' '),
    env: Object.fromEntries(
      env
        .trim()
        .split(' ')
        .map((word) => word.split('=')),
    ),
  };
}
