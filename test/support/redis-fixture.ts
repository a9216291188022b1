import { afterEach, beforeEach } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { loadConfig } from '../../src/config/config.js';
import { RedisConnection, RedisUnavailable } from '../../src/redis/redis-connection.js';
import { RedisScript } from '../../src/redis/redis-script.js';
import { Metrics } from '../../src/telemetry/metrics.js';
import { eventually } from './eventually.js';
import { RedisServer, type RedisServerOptions } from './redis-server.js';
import { TcpProxy } from './tcp-proxy.js';

// Longer than any pause of a busy test machine.
export const TIMEOUT_MS = 400;

export const COUNT = new RedisScript('count', "#!lua\nreturn redis.call('INCR', KEYS[1])");
export const COUNT_WHEN_FULL = new RedisScript(
  'count',
  "#!lua flags=allow-oom\nreturn redis.call('INCR', KEYS[1])",
);

/** The closers of open resources, latest first, and the lines logged meanwhile. */
const opened: (() => unknown)[] = [];
const lines: string[] = [];

/** Captures the log, and closes the resources of each test of the file after it. */
export function setUpRedisTests(): void {
  beforeEach(() => {
    lines.length = 0;
    const note = (message: unknown): number => lines.push(JSON.stringify(message));
    Logger.overrideLogger({ log: note, warn: note, error: note });
  });
  afterEach(async () => {
    for (const close of opened.splice(0)) await close();
  });
}

/** Returns the lines logged by the current test. */
export function logged(): readonly string[] {
  return lines;
}

/** Closes the resource after the test. */
export function closing<T>(resource: T, close: (resource: T) => unknown): T {
  opened.unshift(() => close(resource));
  return resource;
}

export async function startServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  return closing(await RedisServer.start(options), (server) => server.stop());
}

export async function startProxy(server: RedisServer): Promise<TcpProxy> {
  return closing(await TcpProxy.start(server.port), (proxy) => proxy.close());
}

export interface Opened {
  readonly redis: RedisConnection;
  readonly metrics: () => Promise<string>;
  /** Increments a key by a script. */
  readonly count: (key?: string) => Promise<unknown>;
  readonly isUp: () => Promise<true>;
}

/** Opens a connection to `REDIS_URL`, as the gateway does. */
export async function open(url: string, production = false): Promise<Opened> {
  const { redis: target } = loadConfig({ REDIS_URL: url });
  if (!target) throw new Error('REDIS_URL was not read');
  const metrics = new Metrics();
  const options = { name: 'cache', setting: 'REDIS_URL', production, commandTimeoutMs: TIMEOUT_MS };
  const redis = closing(new RedisConnection(target, metrics, options), (one) => one.close());
  await redis.start();
  return {
    redis,
    metrics: () => metrics.registry.metrics(),
    count: (key = 'counter') => redis.run(COUNT, [key]),
    isUp: () => eventually(async () => redis.up || undefined),
  };
}

/** Returns the error of a call; `undefined` if it succeeded. */
export async function failure(call: Promise<unknown>): Promise<RedisUnavailable | undefined> {
  return call.then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof RedisUnavailable) return error;
      throw error;
    },
  );
}

export async function kind(call: Promise<unknown>): Promise<string | undefined> {
  return (await failure(call))?.kind;
}
