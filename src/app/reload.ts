import type { INestApplication } from '@nestjs/common';
import type { Logger } from 'pino';
import { type Config, ConfigError, type SecretName } from '../config/config.js';
import type { RedisConnection } from '../redis/redis-connection.js';
import { CACHE_REDIS, STATE_REDIS } from '../redis/redis.module.js';
import { TenantDirectory } from '../tenancy/directory/tenant-directory.js';

/** Whether the last reload of the settings failed. */
let isRejected = false;

/** `refused`: the former value stays in force until a restart. */
type Outcome = 'unchanged' | 'applied' | 'refused';

/** Reads the files of secrets and the tenants file again, applies what has changed, and logs the result. */
export async function reload(app: INestApplication, config: Config, log: Logger): Promise<void> {
  let fresh: Config;
  try {
    fresh = config.reread();
  } catch (error) {
    // A bug must not end a running gateway either.
    const faults = error instanceof ConfigError ? error.faults : [];
    for (const fault of faults) log.error(`fault in the settings: ${fault}`);
    if (!(error instanceof ConfigError))
      log.error({ msg: 'unexpected error, a bug in the gateway', err: error });
    log.error('rejected the settings, keeping the current ones: correct the faults and send SIGHUP again');
    isRejected = true;
    await app.get(TenantDirectory, { strict: false }).reloadOnRequest();
    return;
  }
  if (isRejected) log.info('the settings are valid and in force again');
  isRejected = false;
  const outcomes = Object.entries(reloadSecrets(app, config, fresh));
  const named = (wanted: Outcome): string[] =>
    outcomes.flatMap(([name, outcome]) => (outcome === wanted ? [name] : []));
  const directory = app.get(TenantDirectory, { strict: false });
  const hasNewKeys = directory.useDefaultCredentials(fresh.cams.credentials);
  // They are part of the directory: a faulty tenants file keeps the former ones in force.
  const hasApplied = (await directory.reloadOnRequest()) !== 'refused';
  const applied = [...(hasNewKeys && hasApplied ? ['credentials of CAMS'] : []), ...named('applied')];
  const restartRequired = named('refused');
  if (applied.length > 0)
    log.info({ applied }, 'applied the secrets that have changed; open connections stay authenticated');
  if (restartRequired.length > 0)
    log.warn({ restartRequired }, 'settings have changed that take effect only after a restart');
}

/** Applies all secrets but the credentials of CAMS, which belong to the tenant directory. */
function reloadSecrets(
  app: INestApplication,
  { cams, redis, state, tenancy }: Config,
  fresh: Config,
): Record<Exclude<SecretName, `CAMS_${'ACCESS' | 'SECURITY'}_${string}`>, Outcome> {
  const cache = reloadedRedis(app.get(CACHE_REDIS, { strict: false }), fresh.redis);
  const records = reloadedRedis(app.get(STATE_REDIS, { strict: false }), fresh.state.redis);
  const isShared = state.redis === redis;
  return {
    CAMS_PROXY: reloadedProxy(cams.proxy, fresh.cams.proxy),
    REDIS_URL: isShared && cache === 'unchanged' ? records : cache,
    STATE_REDIS_URL: isShared ? 'unchanged' : records,
    API_KEY_PEPPER: tenancy.pepper === fresh.tenancy.pepper ? 'unchanged' : 'refused',
    API_KEY_PEPPER_PREVIOUS:
      tenancy.previousPepper === fresh.tenancy.previousPepper ? 'unchanged' : 'refused',
  };
}

function reloadedProxy(proxy: Config['cams']['proxy'], fresh: Config['cams']['proxy']): Outcome {
  if (proxy === null || fresh === null) return proxy === fresh ? 'unchanged' : 'refused';
  if (proxy.protocol !== fresh.protocol || proxy.address !== fresh.address) return 'refused';
  return proxy.adoptCredentials(fresh) ? 'applied' : 'unchanged';
}

function reloadedRedis(connection: RedisConnection | null, target: Config['redis']): Outcome {
  if (connection !== null && target !== null) return connection.useCredentialsOf(target);
  return connection === null && target === null ? 'unchanged' : 'refused';
}
