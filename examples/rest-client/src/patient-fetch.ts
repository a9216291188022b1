/** Together about 40 s: as long as the first request with an idempotency key may be in flight if the gateway dies. */
const MAX_ATTEMPTS = 8;
/** A limit per hour or day is for a person to know of. */
const LONGEST_WAIT_SECONDS = 60;
const TOO_MANY_REQUESTS = 429;
const UNAVAILABLE = 503;

/**
 * Sends a request again if the gateway was too busy for it, as often and as late as it asks for. Reads, and writes with an
 * idempotency key, are also sent again after a lost connection, or if the gateway says that it makes sense.
 */
export async function patientFetch(request: Request): Promise<Response> {
  const isRepeatable = request.method === 'GET' || request.headers.has('Idempotency-Key');
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(request.clone()).catch((error: unknown) => {
      if (!isRepeatable || attempt === MAX_ATTEMPTS) throw error;
      return undefined;
    });
    const seconds = Math.max(Number(response?.headers.get('Retry-After') ?? 1), attempt);
    const isOver = attempt === MAX_ATTEMPTS || seconds > LONGEST_WAIT_SECONDS;
    if (response && (isOver || !(await isWorthRetrying(response, isRepeatable)))) return response;
    await response?.body?.cancel();
    // At random, so that requests that were refused together do not return together.
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000 * (1 + Math.random() / 2)));
  }
}

async function isWorthRetrying(response: Response, isRepeatable: boolean): Promise<boolean> {
  const { status } = response;
  // Nothing was executed.
  if (status === TOO_MANY_REQUESTS || status === UNAVAILABLE) return true;
  if (response.ok || !isRepeatable) return false;
  const { retryable, code } = (await response.clone().json()) as { retryable?: boolean; code?: string };
  // A person decides whether a second group with the same subject is wanted.
  return retryable === true && code !== 'CONFLICT';
}
