import { Inject, Injectable } from '@nestjs/common';
import { GatewayError } from '../errors/gateway-error.js';
import { type MaybePromise, mapMaybePromise } from '../util/maybe-promise.js';
import type { RedisConnection } from '../redis/redis-connection.js';
import { STATE_REDIS } from '../redis/redis.module.js';
import { type RateLimitHeaders, rateLimitHeaders } from '../request/rate-limit-headers.js';
import { Metrics } from '../telemetry/metrics.js';
import { Quota, type Usage } from './quota.js';

const WINDOW_SECONDS = 60;

/** The tenant whose requests are counted. */
export interface QuotaHolder {
  readonly id: string;
  readonly limits: { readonly requestsPerMinute: number };
}

type Tell = (headers: RateLimitHeaders) => void;

/** The request quota of each tenant per minute. */
@Injectable()
export class TenantRateLimit {
  readonly #quota: Quota;

  constructor(@Inject(STATE_REDIS) redis: RedisConnection | null, metrics: Metrics) {
    this.#quota = new Quota(redis, {
      name: 'r',
      windowSeconds: WINDOW_SECONDS,
      remembersRefusals: true,
      onCountedAlone: () => metrics.quotaCountedAlone.inc({ quota: 'requests' }),
    });
  }

  /** Counts a request. Rejects with `RATE_LIMITED` over the quota. `tell` receives the headers in both cases. */
  consume(tenant: QuotaHolder, tell: Tell): MaybePromise<void> {
    return mapMaybePromise(this.#count(tenant, 1, tell), ({ allowed, leftMs }) => {
      if (allowed) return;
      const detail = `You have reached your limit of ${tenant.limits.requestsPerMinute} requests per minute.`;
      throw new GatewayError('RATE_LIMITED', detail, {
        limit: 'requestsPerMinute',
        retryAfterSeconds: leftMs / 1000,
      });
    });
  }

  /**
   * Counts a request that was admitted as several more. If fewer are left, they are used up: a refusal would waste the
   * request, and a tenant that is always busy would never get a large response.
   */
  consumeMore(tenant: QuotaHolder, more: number, tell: Tell): MaybePromise<void> {
    return mapMaybePromise(this.#count(tenant, more, tell), () => undefined);
  }

  #count({ id, limits }: QuotaHolder, amount: number, tell: Tell): MaybePromise<Usage> {
    const limit = limits.requestsPerMinute;
    return mapMaybePromise(this.#quota.consume(id, limit, amount), (usage) => {
      tell(rateLimitHeaders({ name: 'tenant', limit, windowSeconds: WINDOW_SECONDS, ...usage }));
      return usage;
    });
  }
}
