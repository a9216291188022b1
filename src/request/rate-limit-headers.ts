/** Headers that report what is left of a limit. Source: draft-ietf-httpapi-ratelimit-headers-11. */
export type RateLimitHeaders = Readonly<Record<'RateLimit-Policy' | 'RateLimit', string>>;

/** What a response reports of one limit. */
export interface RateLimitUsage {
  readonly name: string;
  readonly limit: number;
  readonly windowSeconds: number;
  readonly remaining: number;
  /** Time until the window ends, in ms. */
  readonly leftMs: number;
}

export function rateLimitHeaders(usage: RateLimitUsage): RateLimitHeaders {
  const { name, limit, windowSeconds, remaining, leftMs } = usage;
  return {
    'RateLimit-Policy': `"${name}";q=${limit};w=${windowSeconds}`,
    RateLimit: `"${name}";r=${remaining};t=${Math.ceil(leftMs / 1000)}`,
  };
}
