import type { ClusterOptions, RedisOptions } from 'ioredis';
import type { RedisTarget } from '../config/config.js';

const CONNECT_TIMEOUT_MS = 2_000;
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 500;
const SLOTS_REFRESH_MS = 30_000;

/** Returns the options of one connection: nothing is queued, sent twice, or waited for without a timeout. */
export function connectionOptions(target: RedisTarget, commandTimeoutMs: number): RedisOptions {
  return {
    ...login(target.credentials),
    ...(target.tls && { tls: {} }),
    // The same reply format from every server, including proxies.
    protocol: 2,
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // Each pipeline would add a class to V8's old space and wait for the reply to the previous one. RedisNode already
    // sends the commands of one tick together.
    enableAutoPipelining: false,
    // Redis 7.0 rejects CLIENT SETINFO.
    disableClientInfo: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    // Limits the handshake and unanswered commands. CommandQueue times callers out earlier. This timeout is much
    // longer, because it also counts the time while the process is paused.
    commandTimeout: commandTimeoutMs * 10,
    disconnectTimeout: commandTimeoutMs,
    // Every server is checked after it connects; with Sentinel, the client itself checks the server's role.
    enableReadyCheck: target.kind === 'sentinel',
    maxLoadingRetryTime: LONGEST_RETRY_MS,
    retryStrategy: retryDelayMs,
  };
}

/** Returns the options for the user and password of a server. */
export function login(credentials: RedisTarget['credentials']): Pick<RedisOptions, 'username' | 'password'> {
  if (credentials === null) return {};
  const { username, password } = credentials;
  return username === undefined ? { password } : { username, password };
}

/** Exponential backoff without end. Jitter spreads replicas that lost the same server. */
export function retryDelayMs(attempt: number): number {
  return Math.min(FIRST_RETRY_MS * 2 ** (attempt - 1), LONGEST_RETRY_MS) * (0.75 + Math.random() / 2);
}

/** Returns the options of a Cluster whose nodes are connected with `redisOptions`. */
export function clusterOptions(target: RedisTarget, redisOptions: RedisOptions): ClusterOptions {
  return {
    redisOptions,
    scaleReads: 'master',
    // The client's own check may fail while the first server connects.
    enableReadyCheck: false,
    enableOfflineQueue: false,
    clusterRetryStrategy: retryDelayMs,
    maxRedirections: 4,
    // Fail at once when a shard is down; do not wait for its failover.
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    retryDelayOnTryAgain: 20,
    slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
    slotsRefreshInterval: SLOTS_REFRESH_MS,
    // Certificates contain host names, so do not replace those with addresses.
    ...(target.tls && { dnsLookup: (address, callback) => callback(null, address) }),
  };
}
