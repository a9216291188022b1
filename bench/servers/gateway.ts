import { AUDIENCE, ISSUER } from '../data/tokens.js';
import type { Program } from './child.js';
import type { Ground } from './ground.js';
import type { GatewayRedis } from './site.js';

/**
 * The built gateway as `npm run start:prod` starts it. Settings are the defaults, but for what is bounded to spare the
 * real upstream: against the sandbox it would be measured instead of the gateway.
 */
export function gatewayProgram(ground: Ground, redis: GatewayRedis): Omit<Program, 'output'> {
  return {
    words: ['--max-semi-space-size=16', '--enable-source-maps', ground.path('dist/main.js')],
    settings: {
      PORT: '0',
      MANAGEMENT_PORT: '0',
      ...redis,
      CAMS_ENDPOINT: ground.upstream.url,
      CAMS_ACCESS_KEY_ID: 'sandbox',
      CAMS_ACCESS_KEY_SECRET: 'sandbox-secret',
      CAMS_QPS: '10000',
      CAMS_MAX_CONCURRENCY: '256',
      API_KEY_PEPPER: 'pepper-of-the-benchmark',
      TENANTS_FILE: ground.file('tenants.yaml'),
      JWT_ISSUER: ISSUER,
      JWT_AUDIENCE: AUDIENCE,
      JWT_JWKS_FILE: ground.file('jwks.json'),
    },
  };
}
