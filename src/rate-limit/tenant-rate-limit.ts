import { Injectable } from '@nestjs/common';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { GatewayError } from '../common/errors.js';

const WINDOW_SECONDS = 60;

/** Headers that tell a caller where its quota stands. Source: draft-ietf-httpapi-ratelimit-headers-11. */
export type RateLimitHeaders = Readonly<Record<'RateLimit-Policy' | 'RateLimit', string>>;

/** Whose requests are counted. */
export interface QuotaHolder {
  readonly id: string;
  readonly limits: { readonly requestsPerMinute: number };
}

/** The quota of requests that each tenant has a minute; counted in this process. */
@Injectable()
export class TenantRateLimit {
  readonly #limiters = new Map<number, RateLimiterMemory>();

  /** Counts one request. Throws `RATE_LIMITED` over the quota; either way `tell` learns the headers. */
  async consume({ id, limits }: QuotaHolder, tell: (headers: RateLimitHeaders) => void): Promise<void> {
    const quota = limits.requestsPerMinute;
    try {
      tell(headers(quota, await this.#limiter(quota).consume(id)));
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      tell(headers(quota, refusal));
      throw new GatewayError('RATE_LIMITED', `Your limit is ${quota} requests a minute.`, {
        retryAfterSeconds: refusal.msBeforeNext / 1000,
      });
    }
  }

  // A limiter knows one quota; tenants have few different ones.
  #limiter(quota: number): RateLimiterMemory {
    const limiter =
      this.#limiters.get(quota) ?? new RateLimiterMemory({ points: quota, duration: WINDOW_SECONDS });
    this.#limiters.set(quota, limiter);
    return limiter;
  }
}

function headers(quota: number, { remainingPoints, msBeforeNext }: RateLimiterRes): RateLimitHeaders {
  return {
    'RateLimit-Policy': `"tenant";q=${quota};w=${WINDOW_SECONDS}`,
    RateLimit: `"tenant";r=${Math.max(0, remainingPoints)};t=${Math.ceil(msBeforeNext / 1000)}`,
  };
}
