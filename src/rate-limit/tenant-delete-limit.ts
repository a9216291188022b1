import { Inject, Injectable } from '@nestjs/common';
import { GatewayError } from '../errors/gateway-error.js';
import type { RedisConnection } from '../redis/redis-connection.js';
import { STATE_REDIS } from '../redis/redis.module.js';
import type { RateLimitUsage } from '../request/rate-limit-headers.js';
import { Metrics } from '../telemetry/metrics.js';
import { Quota } from './quota.js';

const WINDOW_SECONDS = 3_600;

/** The tenant whose deletes are counted. */
export interface DeleteQuotaHolder {
  readonly id: string;
  readonly limits: { readonly deletesPerHour: number };
}

export interface CountedDelete {
  /** `performance.now()`. */
  readonly hourEndsAtMs: number;
  readonly remaining: number;
}

/** Receives what is left of the limit, for the headers of the response. */
type Tell = (usage: RateLimitUsage) => void;

/** Limits deletes per tenant and hour: deletes are final, so a stolen key or a loop must be stopped soon. */
@Injectable()
export class TenantDeleteLimit {
  readonly #quota: Quota;

  constructor(@Inject(STATE_REDIS) redis: RedisConnection | null, metrics: Metrics) {
    this.#quota = new Quota(redis, {
      name: 'd',
      windowSeconds: WINDOW_SECONDS,
      remembersRefusals: false,
      onCountedAlone: () => metrics.quotaCountedAlone.inc({ quota: 'deletes' }),
    });
  }

  /** Counts one delete. Call it right before sending. Throws `RATE_LIMITED` if the limit for the hour is reached. */
  async consume({ id, limits }: DeleteQuotaHolder, tell: Tell): Promise<CountedDelete> {
    const limit = limits.deletesPerHour;
    const { allowed, remaining, leftMs } = await this.#quota.consume(id, limit);
    tell(usageOf(limit, remaining, leftMs));
    if (allowed) return { hourEndsAtMs: performance.now() + leftMs, remaining };
    const detail = `You have reached your limit of ${limit} deletes per hour.`;
    const when = limit === 0 ? { retryable: false } : { retryAfterSeconds: leftMs / 1000 };
    throw new GatewayError('RATE_LIMITED', detail, { limit: 'deletesPerHour', ...when });
  }

  /** Gives back a delete that certainly was not sent, unless the hour in which it was counted has ended. */
  async giveBack(
    { id, limits }: DeleteQuotaHolder,
    { hourEndsAtMs, remaining }: CountedDelete,
    tell: Tell,
  ): Promise<void> {
    const leftMs = hourEndsAtMs - performance.now();
    if (leftMs <= 0) return;
    await this.#quota.giveBack(id, limits.deletesPerHour);
    tell(usageOf(limits.deletesPerHour, remaining + 1, leftMs));
  }
}

function usageOf(limit: number, remaining: number, leftMs: number): RateLimitUsage {
  return { name: 'deletes', limit, windowSeconds: WINDOW_SECONDS, remaining, leftMs };
}
