const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Returns the result of `work`, or that of `otherwise` after `ms`. The work itself continues. */
export async function withFallback<T>(work: Promise<T>, ms: number, otherwise: () => T): Promise<T> {
  const late = Promise.withResolvers<T>();
  const limitMs = Math.min(Math.max(0, ms), LONGEST_TIMER_MS);
  const timer = setTimeout(() => late.resolve((async () => otherwise())()), limitMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Like {@link withFallback}, but rejects with the error of `onTimeout`. */
export function withTimeout<T>(work: Promise<T>, ms: number, onTimeout: () => Error): Promise<T> {
  return withFallback(work, ms, () => {
    throw onTimeout();
  });
}

/** Like {@link withTimeout}, with a deadline on the clock of `performance.now()`. */
export function withDeadline<T>(work: Promise<T>, deadlineMs: number, onTimeout: () => Error): Promise<T> {
  return withTimeout(work, deadlineMs - performance.now(), onTimeout);
}
