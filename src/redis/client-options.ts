import type { ClusterOptions, RedisOptions } from 'ioredis';
import type { RedisTarget } from '../config/config.js';

const CONNECT_TIMEOUT_MS = 2_000;
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 500;
const SLOTS_REFRESH_MS = 30_000;

/** Options of one connection: nothing is queued, sent twice or waited for without a bound. */
export function connectionOptions(target: RedisTarget, commandTimeoutMs: number): RedisOptions {
  return {
    ...(target.credentials && { password: target.credentials.password }),
    ...(target.credentials?.username !== undefined && { username: target.credentials.username }),
    ...(target.tls && { tls: {} }),
    // One form of replies from every server, proxies included.
    protocol: 2,
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // Each pipeline would add a class to V8's old space, and be sent only when the last one is answered. What is asked
    // in one turn is sent together all the same, by RedisLink.
    enableAutoPipelining: false,
    // Redis 7.0 answers CLIENT SETINFO with an error.
    disableClientInfo: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    // Bounds the handshake, and when an unanswered command is given up. Callers are answered by BoundedCalls before.
    // By the clock, which goes on while this process is paused, so it is much longer.
    commandTimeout: commandTimeoutMs * 10,
    disconnectTimeout: commandTimeoutMs,
    // Every server is checked when it is connected; with Sentinel the client itself looks for its role.
    enableReadyCheck: target.kind === 'sentinel',
    maxLoadingRetryTime: LONGEST_RETRY_MS,
    retryStrategy: retryDelayMs,
  };
}

/** For ever, soon at first; the jitter keeps replicas apart that lost the same server. */
export function retryDelayMs(attempt: number): number {
  return Math.min(FIRST_RETRY_MS * 2 ** (attempt - 1), LONGEST_RETRY_MS) * (0.75 + Math.random() / 2);
}

/** Options of a Cluster, whose nodes are connected with `redisOptions`. */
export function clusterOptions(target: RedisTarget, redisOptions: RedisOptions): ClusterOptions {
  return {
    redisOptions,
    scaleReads: 'master',
    // The client's own check may fail while the first server connects.
    enableReadyCheck: false,
    enableOfflineQueue: false,
    clusterRetryStrategy: retryDelayMs,
    maxRedirections: 4,
    // A shard that is gone is told at once; nothing waits for its failover.
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    retryDelayOnTryAgain: 20,
    slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
    slotsRefreshInterval: SLOTS_REFRESH_MS,
    // Certificates name hosts, so their names must not be replaced by addresses.
    ...(target.tls && { dnsLookup: (address, callback) => callback(null, address) }),
  };
}
