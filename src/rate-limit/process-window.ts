import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** Counts in this process as `count.lua` does: what is refused is not counted, and nothing falls below zero. */
export class ProcessWindow extends RateLimiterMemory {
  override async consume(key: string, points = 1): Promise<RateLimiterRes> {
    try {
      return await super.consume(key, points);
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) await super.reward(key, points);
      throw refusal;
    }
  }

  override async reward(key: string, points = 1): Promise<RateLimiterRes> {
    const counted = await this.get(key);
    const kept = Math.min(points, counted?.consumedPoints ?? 0);
    return kept > 0 ? super.reward(key, kept) : (counted ?? new RateLimiterRes(this.points));
  }
}
