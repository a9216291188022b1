import { afterEach, beforeEach } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { loadConfig } from '../../src/config/config.js';
import { RedisConnection, RedisUnavailable } from '../../src/redis/redis-connection.js';
import { RedisScript } from '../../src/redis/redis-script.js';
import { Metrics } from '../../src/telemetry/metrics.js';
import { eventually } from './eventually.js';
import { RedisServer, type RedisServerOptions } from './redis-server.js';
import { TcpProxy } from './tcp-proxy.js';

// Longer than any pause of a busy machine that runs the tests.
export const TIMEOUT_MS = 400;

export const COUNT = new RedisScript('count', "#!lua\nreturn redis.call('INCR', KEYS[1])");
export const COUNT_WHEN_FULL = new RedisScript(
  'count',
  "#!lua flags=allow-oom\nreturn redis.call('INCR', KEYS[1])",
);

/** What tests opened, latest first, and what was logged meanwhile. */
const opened: (() => unknown)[] = [];
const lines: string[] = [];

/** Ends after each test of the file what it opened, and keeps the log from the terminal. */
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

/** The lines that this test has logged. */
export function logged(): readonly string[] {
  return lines;
}

/** Is ended after the test. */
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
  /** Counts a key up by a script. */
  readonly count: (key?: string) => Promise<unknown>;
  readonly isUp: () => Promise<true>;
}

/** A connection as the gateway has it, to what `REDIS_URL` says. */
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

/** How a call failed; `undefined` if it did not. */
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
