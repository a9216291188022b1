const MAX_ATTEMPTS = 6;
/** A limit per hour or day is for a person to know of. */
const LONGEST_WAIT_SECONDS = 60;
const TOO_MANY_REQUESTS = 429;
const UNAVAILABLE = 503;

/**
 * Sends a request again when the gateway was too busy for it, as often and as late as it asks for. With these two statuses
 * nothing was executed, so writes may be sent again as well.
 */
export async function patientFetch(request: Request): Promise<Response> {
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(request.clone());
    const isBusy = response.status === TOO_MANY_REQUESTS || response.status === UNAVAILABLE;
    const seconds = Math.max(Number(response.headers.get('Retry-After') ?? 1), attempt);
    if (!isBusy || attempt === MAX_ATTEMPTS || seconds > LONGEST_WAIT_SECONDS) return response;
    await response.body?.cancel();
    // At random, so that requests that were refused together do not return together.
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000 * (1 + Math.random())));
  }
}
