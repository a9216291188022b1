import { Inject, Injectable } from '@nestjs/common';
import { GatewayError } from '../errors/gateway-error.js';
import type { RedisConnection } from '../redis/redis-connection.js';
import { STATE_REDIS } from '../redis/redis.module.js';
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
}

/** Limits deletes per tenant and hour: deletes are final, so a stolen key or a loop must be stopped soon. */
@Injectable()
export class TenantDeleteLimit {
  readonly #quota: Quota;

  constructor(@Inject(STATE_REDIS) redis: RedisConnection | null) {
    this.#quota = new Quota(redis, { name: 'd', windowSeconds: WINDOW_SECONDS, remembersRefusals: false });
  }

  /** Counts one delete. Call it right before sending. Throws `RATE_LIMITED` if the limit for the hour is reached. */
  async consume({ id, limits }: DeleteQuotaHolder): Promise<CountedDelete> {
    const limit = limits.deletesPerHour;
    const { allowed, leftMs } = await this.#quota.consume(id, limit);
    if (allowed) return { hourEndsAtMs: performance.now() + leftMs };
    throw new GatewayError('RATE_LIMITED', `You have reached your limit of ${limit} deletes per hour.`, {
      retryAfterSeconds: leftMs / 1000,
    });
  }

  /** Gives back a delete that certainly was not sent, unless the hour in which it was counted has ended. */
  async giveBack({ id, limits }: DeleteQuotaHolder, { hourEndsAtMs }: CountedDelete): Promise<void> {
    if (performance.now() < hourEndsAtMs) await this.#quota.giveBack(id, limits.deletesPerHour);
  }
}
