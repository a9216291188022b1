import { Inject, Injectable } from '@nestjs/common';
import { GatewayError } from '../errors/gateway-error.js';
import { type MaybePromise, mapMaybePromise } from '../util/maybe-promise.js';
import type { RedisConnection } from '../redis/redis-connection.js';
import { STATE_REDIS } from '../redis/redis.module.js';
import { Quota } from './quota.js';

const WINDOW_SECONDS = 60;

/** Headers that report a caller's quota. Source: draft-ietf-httpapi-ratelimit-headers-11. */
export type RateLimitHeaders = Readonly<Record<'RateLimit-Policy' | 'RateLimit', string>>;

/** The tenant whose requests are counted. */
export interface QuotaHolder {
  readonly id: string;
  readonly limits: { readonly requestsPerMinute: number };
}

/** The request quota of each tenant per minute. */
@Injectable()
export class TenantRateLimit {
  readonly #quota: Quota;

  constructor(@Inject(STATE_REDIS) redis: RedisConnection | null) {
    this.#quota = new Quota(redis, { name: 'r', windowSeconds: WINDOW_SECONDS, remembersRefusals: true });
  }

  /** Counts one request. Rejects with `RATE_LIMITED` over the quota. `tell` receives the headers in both cases. */
  consume({ id, limits }: QuotaHolder, tell: (headers: RateLimitHeaders) => void): MaybePromise<void> {
    const limit = limits.requestsPerMinute;
    return mapMaybePromise(this.#quota.consume(id, limit), ({ allowed, remaining, leftMs }) => {
      tell({
        'RateLimit-Policy': `"tenant";q=${limit};w=${WINDOW_SECONDS}`,
        RateLimit: `"tenant";r=${remaining};t=${Math.ceil(leftMs / 1000)}`,
      });
      if (allowed) return;
      throw new GatewayError('RATE_LIMITED', `You have reached your limit of ${limit} requests per minute.`, {
        retryAfterSeconds: leftMs / 1000,
      });
    });
  }
}
