import { AUDIENCE, ISSUER } from '../data/tokens.js';
import type { Program } from './child.js';
import type { Environment } from './environment.js';
import type { GatewayBuild } from './run.js';
import { readStartCommand } from './start-command.js';

/**
 * A built gateway as its `npm run start:prod` starts it, with default settings. Only the limits that protect the real
 * CAMS are raised: otherwise the benchmark would measure them.
 */
export function gatewayProgram(
  environment: Environment,
  { folder, redis }: GatewayBuild,
): Omit<Program, 'output'> {
  const { env, ...command } = readStartCommand(folder, 'start:prod');
  return {
    ...command,
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
      API_KEY_PEPPER: 'the pepper of the benchmark, which protects nothing',
      TENANTS_FILE: environment.file('tenants.yaml'),
      JWT_ISSUER: ISSUER,
      JWT_AUDIENCE: AUDIENCE,
      JWT_JWKS_FILE: environment.file('jwks.json'),
    },
  };
}
