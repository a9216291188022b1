const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Waits for `work` for at most `ms`, then goes on with what `otherwise` returns. The work itself goes on. */
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

/** As {@link withFallback}, but rejects with the error that `onTimeout` makes. */
export function withTimeout<T>(work: Promise<T>, ms: number, onTimeout: () => Error): Promise<T> {
  return withFallback(work, ms, () => {
    throw onTimeout();
  });
}

/** As {@link withTimeout}, until `deadlineMs` of `performance.now()`. */
export function withDeadline<T>(work: Promise<T>, deadlineMs: number, onTimeout: () => Error): Promise<T> {
  return withTimeout(work, deadlineMs - performance.now(), onTimeout);
}
