import { readFileSync } from 'node:fs';
import { AUDIENCE, ISSUER } from '../data/tokens.js';
import type { Program } from './child.js';
import type { Ground } from './ground.js';
import type { GatewayRedis } from './site.js';

/** `NAME=value ... node words...` */
const COMMAND = /^((?:\w+=\S+ )+)node (.+)$/;

/**
 * The built gateway as `npm run start:prod` starts it. Settings are the defaults, but for what is bounded to spare the
 * real upstream: against the sandbox it would be measured instead of the gateway.
 */
export function gatewayProgram(ground: Ground, redis: GatewayRedis): Omit<Program, 'output'> {
  const { words, settings } = productionCommand(ground.path('package.json'));
  return {
    words: words.map((word) => (word.startsWith('dist/') ? ground.path(word) : word)),
    settings: {
      ...settings,
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

function productionCommand(packageFile: string): Pick<Program, 'words' | 'settings'> {
  const { scripts } = JSON.parse(readFileSync(packageFile, 'utf8')) as { scripts: Record<string, string> };
  const [, settings, words] = COMMAND.exec(scripts['start:prod'] ?? '') ?? [];
  if (settings === undefined || words === undefined) throw new Error('start:prod does not start node.');
  return {
    words: words.split(' '),
    settings: Object.fromEntries(
      settings
        .trim()
        .split(' ')
        .map((word) => word.split('=')),
    ),
  };
}
